"""what ended lately or long ago, and what was done to a guest, is found through an index

Revision ID: 0008
Revises: 0007
"""

from alembic import op
import sqlalchemy as sa
import nubemox_bot.store.tables


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    utc = nubemox_bot.store.tables.UtcDateTime(timezone=True)
    op.add_column('leases', sa.Column('unseen_since', utc, nullable=True))
    op.create_index('ix_operations_ended_at', 'operations', ['ended_at'])
    op.create_index('ix_operations_vmid_created_at', 'operations', ['vmid', 'created_at'])
    op.create_index('ix_requests_ended_at', 'requests', ['ended_at'])


def downgrade() -> None:
    op.drop_index('ix_requests_ended_at', 'requests')
    op.drop_index('ix_operations_vmid_created_at', 'operations')
    op.drop_index('ix_operations_ended_at', 'operations')
    with op.batch_alter_table('leases', schema=None) as batch_op:
        batch_op.drop_column('unseen_since')
