"""What people are told when the policy or a tenant says no."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_, _

_ROLES = {"viewer": N_("viewer"), "operator": N_("operator"), "owner": N_("owner")}


class AccountDeactivated(NubemoxError):
    """The Slack account is switched off."""

    kind = Kind.FORBIDDEN
    text = N_("Your Slack account is deactivated, so you have no access here.")


class AccountIsGuest(NubemoxError):
    """Slack guests are nobody here."""

    kind = Kind.FORBIDDEN
    text = N_("Slack guests have no access here.")
    hint = N_("Ask a platform admin ({admins}) to make it for you.")


class AccountIsStranger(NubemoxError):
    """People of other workspaces are nobody here."""

    kind = Kind.FORBIDDEN
    text = N_("People of other workspaces have no access here.")


class AccountUnreadable(NubemoxError):
    """Slack does not say who this is now; so the answer is no."""

    kind = Kind.UNAVAILABLE
    text = N_("Slack does not tell me who you are right now, so nothing was done.")
    hint = N_("Try again in a minute.")


class NoTenant(NubemoxError):
    """The person belongs to no tenant."""

    kind = Kind.FORBIDDEN
    text = N_("You belong to no tenant yet, so there is nothing you can use.")
    hint = N_("Ask a platform admin ({admins}) to add you: `/nubemox tenant add NAME {person}`.")


class RoleTooLow(NubemoxError):
    """The role in that tenant does not reach."""

    kind = Kind.FORBIDDEN
    text = N_("That needs the role {needed}, which you do not have there.")
    hint = N_("Ask a platform admin ({admins}) for it.")

    def message(self) -> str:
        """With the role's name in the reader's language too."""
        needed = str(self.data.get("needed", ""))
        return _(self.text).format(needed=_(_ROLES.get(needed, needed)))


class AdminsOnly(NubemoxError):
    """Only platform admins may."""

    kind = Kind.FORBIDDEN
    text = N_("Only platform admins may do that.")
    hint = N_("Ask one of them: {admins}.")


class ApproversOnly(NubemoxError):
    """Only those who decide requests may."""

    kind = Kind.FORBIDDEN
    text = N_("Only approvers may decide that.")
    hint = N_("They are {approvers}.")


class FourEyes(NubemoxError):
    """Nobody decides what they asked for themselves, whoever they are."""

    kind = Kind.FORBIDDEN
    text = N_("You asked for this yourself, so somebody else has to decide it.")
    hint = N_("`/nubemox request list` shows where it stands.")
    remedy = "request list"
    remedy_label = N_("My requests")


class TenantNotFound(NubemoxError):
    """Also for a tenant that is not the asker's: existence is not ours to tell."""

    kind = Kind.NOT_FOUND
    text = N_("There is no tenant {name} that you may see.")
    hint = N_("`/nubemox whoami` shows the tenants you belong to.")
    remedy = "whoami"
    remedy_label = N_("Who am I?")


class TenantExists(NubemoxError):
    """The name is taken."""

    kind = Kind.CONFLICT
    text = N_("There is a tenant {name} already.")
    hint = N_("`/nubemox tenant show {name}` shows it.")
    remedy = "tenant show {name}"
    remedy_label = N_("Show it")


class PoolTaken(NubemoxError):
    """Another tenant owns the pool."""

    kind = Kind.CONFLICT
    text = N_("The pool {poolid} belongs to the tenant {owner} already.")
    hint = N_("Choose another with `--pool`.")


class PoolNameBad(NubemoxError):
    """Not a flat pool name as PVE 9 takes it."""

    kind = Kind.INVALID
    text = N_("{poolid} cannot be a pool's name.")
    hint = N_("Use letters, digits, '.', '-' and '_', beginning with a letter; at most 40.")


class TenantNameBad(NubemoxError):
    """Tenants' names become PVE user names."""

    kind = Kind.INVALID
    text = N_("{name} cannot be a tenant's name.")
    hint = N_("Use small letters, digits and '-', beginning with a letter; at most 30.")


class TenantNotReady(NubemoxError):
    """Being made, or its making failed."""

    kind = Kind.CONFLICT
    text = N_("The tenant {name} is not ready.")
    hint = N_("A platform admin can finish it with `/nubemox tenant repair {name}`.")


class PersonNotFound(NubemoxError):
    """Nobody or nothing that could be a member was named."""

    kind = Kind.INVALID
    text = N_("{person} is nobody who can be a member.")
    hint = N_("Name a person as `@name` or a usergroup as `@group`, chosen from Slack's list.")


class NotInTenant(NubemoxError):
    """There is nothing to remove."""

    kind = Kind.NOT_FOUND
    text = N_("{person} is no member of {name}.")
    hint = N_("`/nubemox tenant show {name}` lists its members.")
    remedy = "tenant show {name}"
    remedy_label = N_("Show it")


class TokenRefused(NubemoxError):
    """PVE does not take the tenant's token, or it can do more or less than it should."""

    kind = Kind.UNAVAILABLE
    text = N_("Proxmox VE does not accept the access of the tenant {name}, so nothing was done.")
    hint = N_("A platform admin can make it anew: `/nubemox tenant repair {name}`.")


class SecretLost(NubemoxError):
    """The tenant's token was sealed with another key."""

    kind = Kind.UNAVAILABLE
    text = N_("The bot cannot read the access of the tenant {name} any more, so nothing was done.")
    hint = N_("A platform admin can make it anew: `/nubemox tenant repair {name}`.")


class VerificationFailed(NubemoxError):
    """After onboarding, PVE gives the tenant other rights than meant."""

    kind = Kind.UPSTREAM
    text = N_("Proxmox VE gives the tenant {name} other rights than it should: {difference}.")
    hint = N_("`python bot.py doctor` prints the roles that are needed.")
