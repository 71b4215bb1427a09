"""schedules

Revision ID: 0007
Revises: 0006
"""

from alembic import op
import sqlalchemy as sa
import nubemox_bot.store.tables


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    utc = nubemox_bot.store.tables.UtcDateTime(timezone=True)
    op.create_table('schedules',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('tenant_id', sa.String(length=40), nullable=False),
    sa.Column('team_id', sa.String(length=32), nullable=False),
    sa.Column('user_id', sa.String(length=32), nullable=False),
    sa.Column('vmid', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('start_at', sa.String(length=5), nullable=True),
    sa.Column('stop_at', sa.String(length=5), nullable=True),
    sa.Column('days', sa.String(length=32), nullable=False),
    sa.Column('timezone', sa.String(length=64), nullable=False),
    sa.Column('next_start', utc, nullable=True),
    sa.Column('next_stop', utc, nullable=True),
    sa.Column('skipped_stop', utc, nullable=True),
    sa.Column('created_at', utc, nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_schedules_tenant_id_tenants'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_schedules'))
    )
    with op.batch_alter_table('schedules', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_schedules_vmid'), ['vmid'], unique=False)
        batch_op.create_index(batch_op.f('ix_schedules_next_start'), ['next_start'], unique=False)
        batch_op.create_index(batch_op.f('ix_schedules_next_stop'), ['next_stop'], unique=False)


def downgrade() -> None:
    op.drop_table('schedules')
