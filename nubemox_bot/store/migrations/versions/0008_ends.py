"""what ended lately, and long ago, is found through an index

Revision ID: 0008
Revises: 0007
"""

from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_operations_ended_at', 'operations', ['ended_at'])
    op.create_index('ix_requests_ended_at', 'requests', ['ended_at'])


def downgrade() -> None:
    op.drop_index('ix_requests_ended_at', 'requests')
    op.drop_index('ix_operations_ended_at', 'operations')
