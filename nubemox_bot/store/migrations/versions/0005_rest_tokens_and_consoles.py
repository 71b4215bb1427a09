"""rest tokens and consoles

Revision ID: 0005
Revises: 0004
"""

from alembic import op
import sqlalchemy as sa
import nubemox_bot.store.tables


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'consoles',
        sa.Column('id', sa.String(length=40), nullable=False),
        sa.Column('code_digest', sa.LargeBinary(), nullable=False),
        sa.Column('cookie_digest', sa.LargeBinary(), nullable=True),
        sa.Column('team_id', sa.String(length=32), nullable=False),
        sa.Column('user_id', sa.String(length=32), nullable=False),
        sa.Column('origin', sa.String(length=16), nullable=False),
        sa.Column('turn_id', sa.String(length=40), nullable=True),
        sa.Column('kind', sa.String(length=8), nullable=False),
        sa.Column('vmid', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('poolid', sa.String(length=128), nullable=True),
        sa.Column('tenant_id', sa.String(length=40), nullable=True),
        sa.Column('created_at', nubemox_bot.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column('expires_at', nubemox_bot.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column('redeemed_at', nubemox_bot.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.Column('opened_at', nubemox_bot.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.Column('replica', sa.String(length=128), nullable=True),
        sa.Column('closed_at', nubemox_bot.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_consoles')),
        sa.UniqueConstraint('code_digest', name=op.f('uq_consoles_code_digest')),
    )
    op.create_index(op.f('ix_consoles_created_at'), 'consoles', ['created_at'], unique=False)
    op.create_table(
        'rest_calls',
        sa.Column('token_id', sa.String(length=16), nullable=False),
        sa.Column('key', sa.String(length=200), nullable=False),
        sa.Column('fingerprint', sa.String(length=64), nullable=False),
        sa.Column('turn_id', sa.String(length=40), nullable=False),
        sa.Column('created_at', nubemox_bot.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column('claimed_at', nubemox_bot.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.Column('status', sa.Integer(), nullable=True),
        sa.Column('body', sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint('token_id', 'key', name=op.f('pk_rest_calls')),
    )
    op.create_index(op.f('ix_rest_calls_created_at'), 'rest_calls', ['created_at'], unique=False)
    op.create_table(
        'tokens',
        sa.Column('id', sa.String(length=16), nullable=False),
        sa.Column('turn_id', sa.String(length=40), nullable=False),
        sa.Column('team_id', sa.String(length=32), nullable=False),
        sa.Column('user_id', sa.String(length=32), nullable=False),
        sa.Column('name', sa.String(length=64), nullable=False),
        sa.Column('digest', sa.LargeBinary(), nullable=False),
        sa.Column('created_at', nubemox_bot.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column('expires_at', nubemox_bot.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column('used_at', nubemox_bot.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.Column('revoked_at', nubemox_bot.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_tokens')),
        sa.UniqueConstraint('turn_id', name=op.f('uq_tokens_turn_id')),
    )
    op.create_index(
        op.f('ix_tokens_team_id_user_id'), 'tokens', ['team_id', 'user_id'], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f('ix_tokens_team_id_user_id'), table_name='tokens')
    op.drop_table('tokens')
    op.drop_index(op.f('ix_rest_calls_created_at'), table_name='rest_calls')
    op.drop_table('rest_calls')
    op.drop_index(op.f('ix_consoles_created_at'), table_name='consoles')
    op.drop_table('consoles')
