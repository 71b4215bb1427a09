"""guests of ours

Revision ID: 0004
Revises: 0003
"""

from alembic import op
import sqlalchemy as sa
import nubemox_bot.store.tables


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('leases',
    sa.Column('vmid', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('poolid', sa.String(length=128), nullable=False),
    sa.Column('tenant_id', sa.String(length=40), nullable=True),
    sa.Column('team_id', sa.String(length=32), nullable=False),
    sa.Column('user_id', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('began_at', nubemox_bot.store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends_at', nubemox_bot.store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('reminded', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('vmid', name=op.f('pk_leases'))
    )
    with op.batch_alter_table('leases', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_leases_state_ends_at'), ['state', 'ends_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_leases_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('ssh_keys',
    sa.Column('team_id', sa.String(length=32), nullable=False),
    sa.Column('user_id', sa.String(length=32), nullable=False),
    sa.Column('public_keys', sa.Text(), nullable=False),
    sa.Column('changed_at', nubemox_bot.store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('team_id', 'user_id', name=op.f('pk_ssh_keys'))
    )
    op.create_table('vmid_sequence',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('first', sa.Integer(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vmid_sequence'))
    )
    op.create_table('vmids',
    sa.Column('vmid', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('taken_for', sa.String(length=120), nullable=False),
    sa.Column('tenant_id', sa.String(length=40), nullable=True),
    sa.Column('taken_at', nubemox_bot.store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('vmid', name=op.f('pk_vmids')),
    sa.UniqueConstraint('taken_for', name=op.f('uq_vmids_taken_for'))
    )
    op.create_table(
        'backup_owners',
        sa.Column('volid', sa.String(length=400), nullable=False),
        sa.Column('vmid', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=8), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('poolid', sa.String(length=128), nullable=False),
        sa.Column('node', sa.String(length=64), nullable=False),
        sa.Column('tenant_id', sa.String(length=40), nullable=True),
        sa.Column('cores', sa.Integer(), nullable=False),
        sa.Column('memory_mib', sa.Integer(), nullable=False),
        sa.Column('disk_gib', sa.Integer(), nullable=False),
        sa.Column('made_at', nubemox_bot.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column('operation_id', sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint('volid', name=op.f('pk_backup_owners')),
    )
    op.create_index(op.f('ix_backup_owners_vmid'), 'backup_owners', ['vmid'])
    op.create_index(op.f('ix_backup_owners_tenant_id_name'), 'backup_owners', ['tenant_id', 'name'])


def downgrade() -> None:
    op.drop_table('backup_owners')
    op.drop_table('vmids')
    op.drop_table('vmid_sequence')
    op.drop_table('ssh_keys')
    with op.batch_alter_table('leases', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_leases_tenant_id'))
        batch_op.drop_index(batch_op.f('ix_leases_state_ends_at'))

    op.drop_table('leases')
