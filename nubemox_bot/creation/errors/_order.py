"""What is wrong with an order in itself."""

from __future__ import annotations

from typing import ClassVar

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class OrderFault(NubemoxError):
    """Something about what was asked for; `field` is where a form shows it."""

    field: ClassVar[str] = ""


class NoTemplateNamed(OrderFault):
    """From nothing comes nothing."""

    field = "template"
    kind = Kind.INVALID
    text = N_("Say what to make it from.")
    hint = N_("`/nubemox template list` shows what there is: `--template NAME`.")
    remedy = "template list"
    remedy_label = N_("Show the templates")


class TemplateNotFound(OrderFault):
    """Also for another tenant's template: existence is not ours to tell."""

    field = "template"
    kind = Kind.NOT_FOUND
    text = N_("There is no template {template} for that.")
    hint = N_("`/nubemox template list` shows what there is.")
    remedy = "template list"
    remedy_label = N_("Show the templates")


class TemplateNotFoundNear(TemplateNotFound):
    """There is one with nearly that name."""

    hint = N_("Did you mean {near}?")


class SeveralTemplates(OrderFault):
    """The beginning of more than one name."""

    field = "template"
    kind = Kind.CONFLICT
    text = N_("{template} fits several templates: {which}.")
    hint = N_("Say the whole name.")


class TemplateOfOtherKind(OrderFault):
    """A container's template for a VM, or the other way round."""

    field = "template"
    kind = Kind.INVALID
    text = N_("{template} makes virtual machines, not containers.")
    hint = N_("Say `vm create` for it.")


class TemplateOfContainers(TemplateOfOtherKind):
    """A container's template for a VM."""

    text = N_("{template} makes containers, not virtual machines.")
    hint = N_("Say `ct create` for it.")


class TemplateUnsafe(OrderFault):
    """A guest template that would hand out more than it should."""

    field = "template"
    kind = Kind.UNPROCESSABLE
    text = N_("{template} cannot be used: it is a privileged container.")
    hint = N_("A platform admin should mend it or offer another one.")


class TemplateRunsScript(TemplateUnsafe):
    """A script of the node's would run at each start of the clone."""

    text = N_("{template} cannot be used: it runs a script on its node.")


class TemplateMountsHost(TemplateUnsafe):
    """A folder of the node's would be in each clone."""

    text = N_("{template} cannot be used: it has a folder or a device of its node inside.")


class NoCloudInit(OrderFault):
    """What cloud-init would set was asked for, and nothing in the template would read it."""

    field = "template"
    kind = Kind.UNPROCESSABLE
    text = N_("{template} has no cloud-init drive: user, keys and address cannot be set in it.")
    hint = N_("Leave these out, or choose another template.")


class IsoNotFound(OrderFault):
    """No such installation medium."""

    field = "template"
    kind = Kind.NOT_FOUND
    text = N_("There is no ISO image {iso} in the cluster.")
    hint = N_("Give its name as Proxmox VE shows it, such as `debian-12.iso`.")


class NameMissing(OrderFault):
    """Everything has a name."""

    field = "name"
    kind = Kind.INVALID
    text = N_("Say how it shall be called.")
    hint = N_("The name comes first, as in `create web-7 --template debian-12`.")


class NameBad(OrderFault):
    """Not a hostname."""

    field = "name"
    kind = Kind.INVALID
    text = N_("{name} cannot be a guest's name.")
    hint = N_("Use letters, digits, '-' and '.', and not digits alone; at most 63.")


class AddressBad(OrderFault):
    """Not an address with its network."""

    field = "address"
    kind = Kind.INVALID
    text = N_("{address} is no address for a guest.")
    hint = N_("Give it with its network, such as `10.0.0.5/24`, or leave it out for DHCP.")


class GatewayBad(OrderFault):
    """A gateway that the guest could not reach."""

    field = "gateway"
    kind = Kind.INVALID
    text = N_("{gateway} is no gateway for {address}.")
    hint = N_("It must be another address of the same network, such as `10.0.0.1`.")


class GatewayAlone(OrderFault):
    """A gateway without an address."""

    field = "gateway"
    kind = Kind.INVALID
    text = N_("A gateway goes with an address of one's own.")
    hint = N_("Add `--address`, or leave the gateway out: DHCP gives one.")


class UserBad(OrderFault):
    """Not a login name."""

    field = "user"
    kind = Kind.INVALID
    text = N_("{user} cannot be a user's name.")
    hint = N_("Use small letters, digits, '-' and '_', beginning with a letter; at most 32.")


class UserForVms(OrderFault):
    """Containers begin with root."""

    field = "user"
    kind = Kind.INVALID
    text = N_(
        "A user's name can be chosen for virtual machines alone; a container begins with root."
    )
    hint = N_("Leave `--user` out.")


class VmidUnavailable(OrderFault):
    """One answer for every number that is not free, whoever holds or held it."""

    field = "vmid"
    kind = Kind.CONFLICT
    text = N_("The number {vmid} cannot be given to a new guest.")
    hint = N_("Leave it out, and the next free one is taken.")


class SshKeyBad(OrderFault):
    """A line that is no public key, or half of one."""

    field = "ssh_key"
    kind = Kind.INVALID
    text = N_("This is no SSH public key: {key}…")
    hint = N_("Paste a whole line of `~/.ssh/id_ed25519.pub`; it begins with one of {types}.")


class PrivateKeyGiven(OrderFault):
    """The half that must stay where it is."""

    field = "ssh_key"
    kind = Kind.INVALID
    text = N_("That is a private key. It was not kept; make a new pair, since others may have it.")
    hint = N_("What goes here is the public half, from the file whose name ends in `.pub`.")


class TooManyKeys(OrderFault):
    """More than anybody has."""

    field = "ssh_key"
    kind = Kind.INVALID
    text = N_("These are too many SSH keys; {most} at most.")


class KeysNotPossible(OrderFault):
    """A clone of a container keeps what is in it."""

    field = "ssh_key"
    kind = Kind.UNPROCESSABLE
    text = N_("Keys and an address cannot be put into a copy of a container ({template}).")
    hint = N_("Leave them out, or make it from a template file.")
