"""What a person hears when their words cannot be followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_, _


class WordsFault(NubemoxError):
    """A command that the grammar does not understand.

    Attributes:
        nearest: whole commands that the person may have meant, best first; each one parses.
        topic: the noun and verb understood so far, whose help the answer shows.
    """

    kind = Kind.INVALID
    text = N_("These words are no command of mine.")
    hint = N_("`/nubemox help` lists what I can do.")
    remedy_label: ClassVar[str] = N_("Run it")

    def __init__(
        self, *, nearest: Sequence[str] = (), topic: Sequence[str] = (), **data: object
    ) -> None:
        super().__init__(**data)
        self.nearest = tuple(nearest)
        self.topic = tuple(topic)

    def advice(self) -> str:
        """The nearest right words when there are some, else the general hint."""
        if self.nearest:
            return _("Did you mean `/nubemox {words}`?").format(words=self.nearest[0])
        return super().advice()

    def remedy_words(self) -> str:
        """The nearest right command."""
        return self.nearest[0] if self.nearest else ""


class UnknownNoun(WordsFault):
    """The first word is neither a noun nor a command that stands alone."""

    text = N_("I know no command `{word}`.")


class UnknownVerb(WordsFault):
    """A noun that is understood, followed by something it cannot do."""

    text = N_("`{noun}` has no command `{word}`.")
    hint = N_("`/nubemox help {noun}` lists what it has.")


class VerbMissing(WordsFault):
    """A group of commands was named, such as `ct snapshot`, and nothing more."""

    text = N_("`{words}` needs one word more: {choices}.")
    hint = N_("`/nubemox help {noun}` shows examples.")


class NounMissing(UnknownNoun):
    """A verb came first: it is not said of what."""

    text = N_("Say first what `{word}` is for.")


class WordsSwapped(UnknownNoun):
    """All the right words, in another order."""

    text = N_("The noun comes first, then what to do with it.")


class UnknownOption(WordsFault):
    """An option that this verb does not take."""

    text = N_("`{command}` takes no option `{option}`.")
    hint = N_("`/nubemox help {command}` lists its options.")


class ValueMissing(WordsFault):
    """An option without the value it needs."""

    text = N_("`{option}` needs a value after it, as in `{option} {example}`.")
    hint = N_("`/nubemox help {command}` lists its options.")


class ValueUnwanted(WordsFault):
    """A flag was given a value."""

    text = N_("`{option}` stands alone and takes no value.")
    hint = N_("`/nubemox help {command}` lists its options.")


class OptionTwice(WordsFault):
    """One option, said twice."""

    text = N_("`{option}` was given twice.")
    hint = N_("Say it once.")


class BadValue(WordsFault):
    """A value of the wrong sort.

    Attributes:
        expected: an `N_()` sentence that says what would fit; `expected_data` is for its braces.
        fitting: right values that look like the wrong one.
    """

    text = N_("`{word}` does not fit `{place}`.")
    hint = ""

    def __init__(
        self,
        *,
        expected: str = "",
        expected_data: Mapping[str, object] | None = None,
        fitting: Sequence[str] = (),
        nearest: Sequence[str] = (),
        topic: Sequence[str] = (),
        **data: object,
    ) -> None:
        super().__init__(nearest=nearest, topic=topic, **data)
        self.expected = expected
        self.expected_data = dict(expected_data or {})
        self.fitting = tuple(fitting)

    def advice(self) -> str:
        """What would fit; the nearest right words when there are some."""
        expected = _(self.expected).format(**self.expected_data)
        return " ".join(part for part in (expected, super().advice()) if part)


class ArgumentMissing(WordsFault):
    """The verb needs something more than it got."""

    text = N_("`{command}` needs {argument}.")
    hint = N_("Write it as `/nubemox {usage}`.")


class TooManyWords(WordsFault):
    """More words than the verb knows what to do with."""

    text = N_("I do not know what `{extra}` is for in `{command}`.")
    hint = N_("Write it as `/nubemox {usage}`; put a text of several words in quotes.")


class UnbalancedQuotes(WordsFault):
    """A quote that opens and never closes."""

    text = N_("A quotation mark opens and never closes: {rest}")
    hint = N_("Put one at both ends of the text, or leave it out.")


class TooLong(WordsFault):
    """More text than a command can be."""

    text = N_("That is too long for a command.")
    hint = N_("Keep it under {limit} characters.")


class Empty(WordsFault):
    """Nothing was said, and there is no help to show."""

    text = N_("You said nothing.")


class FormChanged(NubemoxError):
    """A form that was opened before the bot learned another one, or none, for its words."""

    kind = Kind.CONFLICT
    text = N_("This form is out of date, so nothing was done.")
    hint = N_("Close it and open it again.")


class FormFault(NubemoxError):
    """A form whose submission does not say enough: a fault of ours."""

    kind = Kind.INTERNAL
    text = N_("This form cannot be used, so nothing was done.")
    hint = N_("Type the command with its options instead.")
