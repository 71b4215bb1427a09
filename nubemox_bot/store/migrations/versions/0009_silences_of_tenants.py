"""a silence is its tenant's

Revision ID: 0009
Revises: 0008
"""

from alembic import op
import sqlalchemy as sa


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('silences', sa.Column('tenant_id', sa.String(length=40), nullable=True))
    # What is in force was said of the newest alert of that rule and subject.
    op.execute(
        'UPDATE silences SET tenant_id = (SELECT alerts.tenant_id FROM alerts'
        ' WHERE alerts.rule = silences.rule AND alerts.subject = silences.subject'
        ' ORDER BY alerts.began_at DESC LIMIT 1)'
    )


def downgrade() -> None:
    with op.batch_alter_table('silences', schema=None) as batch_op:
        batch_op.drop_column('tenant_id')
