"""What the grammar itself answers: help, faults, errors, and the question for a guest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final, Protocol

from commands.errors import WordsFault
from commands.grammar import Invocation, Noun, Topic, Verb
from nubemox_bot.blockkit import (
    Block,
    Element,
    Reply,
    actions,
    button,
    channel,
    code,
    context,
    escape,
    external_select,
    mrkdwn,
    one_line,
    option,
    plain,
    safe,
    section,
    select,
)
from nubemox_bot.blockkit.views import View, modal
from nubemox_bot.blockkit.words import RUN_WORDS, SHARE, run_button
from nubemox_bot.core.errors import NubemoxError, Several
from nubemox_bot.core.i18n import _

PICK_GUEST: Final = "guest.pick"
"""A select whose value is a vmid, in a block whose id carries the words that lack it."""

_PICK_PREFIX = "pick:"
_MAX_BLOCK_ID = 255
_MAX_OPTIONS = 100
_MAX_VALUE = 2000
_SECTION = 2800


class GuestChoice(Protocol):
    """What the question for a guest shows of one."""

    @property
    def vmid(self) -> int:
        """The guest's number."""
        ...

    @property
    def name(self) -> str:
        """The guest's name, which its owner chose."""
        ...


def error_reply(error: NubemoxError) -> Reply:
    """What happened, why, and what helps: a sentence or two, and the button for it."""
    several = error.errors if isinstance(error, Several) else (error,)
    told = list(dict.fromkeys(map(_sentences, several)))
    text = "\n".join(told)
    blocks: list[Block] = _sections(told, "error")
    words = error.remedy_words()
    others = [
        run_button(said, _(label), number)
        for number, (said, label) in enumerate(error.other_remedies, 1)
    ]
    if words and len(words) <= _MAX_VALUE:
        blocks.append(actions([run_button(words, _(error.remedy_label)), *others], "error-remedy"))
    return Reply(text=text, blocks=blocks)


def fault_reply(fault: WordsFault, topic: Topic) -> Reply:
    """Words that were not understood: why, what was perhaps meant, and the help that fits."""
    text = _sentences(fault)
    blocks: list[Block] = [section(text, "fault")]
    if fault.nearest:
        meant = [run_button(words, index=i) for i, words in enumerate(fault.nearest)]
        blocks.append(actions(meant, "fault-nearest"))
    if topic.words or not fault.nearest:
        blocks += _topic_blocks(topic)
    return Reply(text=text, blocks=blocks)


def help_reply(topic: Topic) -> Reply:
    """What can be said, from everything down to one verb."""
    if topic.verb:
        text = _("`{words}`: {summary}.").format(
            words=topic.verb.said, summary=_(topic.verb.summary)
        )
    elif topic.noun:
        text = _("This is what you can say about `{noun}`.").format(noun=topic.noun.name)
    else:
        text = _("Type `/nubemox`, a noun, what to do with it, and a guest's name or number.")
    return Reply(text=text, blocks=[section(text, "help"), *_topic_blocks(topic)])


def select_guest(invocation: Invocation, guests: Sequence[GuestChoice]) -> Reply:
    """Which guest is meant? One select of those that the person may use for it."""
    verb = invocation.verb
    said = verb.said if verb else invocation.words
    example = f"/nubemox {said} {verb.arguments[0].kind.example if verb else ''}".strip()
    if not guests:
        text = _("`{command}` needs a guest, and you have none that you may use for it.").format(
            command=said
        )
        return Reply(text=text, blocks=[section(text, "pick-none")])

    block_id = _PICK_PREFIX + invocation.words
    text = _("Which guest do you mean? Choose it, or type `{example}`.").format(example=example)
    if len(block_id) > _MAX_BLOCK_ID:
        text = _("Which guest do you mean? Say it as in `{example}`.").format(example=example)
        return Reply(text=text, blocks=[section(text, "pick-typed")])

    offered = guest_options(guests)
    label = _("Choose a guest")
    chooser = select(label, PICK_GUEST, offered)
    if len(guests) > len(offered):
        chooser = external_select(label, PICK_GUEST)
    return Reply(text=text, blocks=[section(text, "pick-text"), actions([chooser], block_id)])


def guest_options(guests: Sequence[GuestChoice], query: str = "") -> list[Element]:
    """The guests whose name or number has this in it, as many as Slack takes."""
    wanted = query.strip().lower()
    fitting = (one for one in guests if wanted in f"{one.name} {one.vmid}".lower())
    return [
        option(plain(f"{guest.name} · {guest.vmid}"), str(guest.vmid))
        for guest in islice(fitting, _MAX_OPTIONS)
    ]


def picked_for(block_id: str) -> str:
    """The words that lack the guest which is chosen in this block; empty for another block."""
    words = block_id.removeprefix(_PICK_PREFIX)
    return words if words != block_id else ""


def share(words: str) -> Block:
    """The button that shows everybody what these words answered."""
    return actions([button(_("Share"), SHARE, words)], "share")


def expired(words: str) -> Reply:
    """A wish that lay so long that running it now could surprise: ask again."""
    text = _("You asked for this while I was away: {words}. Nothing was done.").format(
        words=code(words)
    )
    blocks: list[Block] = [section(text, "expired")]
    if words and len(words) <= _MAX_VALUE:
        blocks.append(actions([run_button(words, _("Ask again"))], "expired-again"))
    return Reply(text=text, blocks=blocks)


def one_moment(words: str) -> Reply:
    """Said while an answer takes longer; `words` are those of a change that is asked for."""
    text = _("Looking… The answer follows in a moment.")
    if words:
        text = _("On it: {words}. What comes of it follows in a moment.").format(words=code(words))
    text = f":hourglass_flowing_sand: {text}"
    return Reply(text=text, blocks=[section(text, "one-moment")])


def loading_form(title: str) -> View:
    """What is opened at once, while the form is being made."""
    return modal(title, [section(_("Loading…"), "loading")], close=_("Close"))


def checking_form(title: str) -> View:
    """What stands in a form's place while it is checked what takes a moment."""
    text = _("Checking… This takes a moment longer than usual.")
    return modal(title, [section(text, "checking")], close=_("Close"))


def on_its_way(title: str, place: str) -> View:
    """What stands in a form's place once its words run; `place` is a channel, or empty."""
    text = _("On its way. You find the answer in our direct messages.")
    if place[:1] in {"C", "G"}:
        text = _("On its way. You find the answer in {channel}.").format(channel=channel(place))
    return modal(title, [section(text, "on-its-way")], close=_("Close"))


def refused_form(title: str, error: NubemoxError) -> View:
    """An error in a form's place, with the button that helps."""
    return modal(title, list(error_reply(error).blocks), close=_("Close"))


def offer_form(words: str, title: str, error: NubemoxError | None) -> Reply:
    """A button that opens a form, where it could not be opened by itself."""
    text = _("Press the button to fill in the form.")
    if error is not None:
        text = _sentences(error)
    blocks: list[Block] = [
        section(text, "form-offer"),
        actions([run_button(words, title, style="primary")], "form-open"),
    ]
    return Reply(text=text, blocks=blocks)


def sentence(error: NubemoxError) -> str:
    """An error as one plain line, for a place without marks such as below a field."""
    return one_line(f"{error.message()} {error.advice()}".replace("`", ""))


def completed_words(block_id: str, value: str) -> str:
    """The whole command once a guest was picked; empty when the block is no such question."""
    words = picked_for(block_id)
    return f"{words} {value}" if words and value.isdecimal() else ""


def words_of_action(action: Mapping[str, Any]) -> str | None:
    """The command that a pressed element stands for, as Slack tells of it; None for others."""
    name = str(action.get("action_id", ""))
    if name == RUN_WORDS or name.startswith(f"{RUN_WORDS}."):
        return str(action.get("value") or _chosen(action)) or None
    if name == PICK_GUEST:
        chosen = _chosen(action)
        return completed_words(str(action.get("block_id", "")), str(chosen)) or None
    return None


def _chosen(action: Mapping[str, Any]) -> str:
    """The value of what was picked in a select or a menu."""
    return str((action.get("selected_option") or {}).get("value") or "")


def _sentences(error: NubemoxError) -> str:
    """Message and advice, with everybody's text in them made harmless."""
    told = type(error).__new__(type(error))
    told.__dict__.update(error.__dict__)
    harmless = _typed if isinstance(told, WordsFault) else _harmless
    told.data = {name: harmless(value) for name, value in error.data.items()}
    if isinstance(told, WordsFault):
        told.nearest = tuple(escape(words.replace("`", "ˋ")) for words in told.nearest)
    return f"{told.message()} {told.advice()}".strip()


def _typed(value: object) -> object:
    """What a person typed: nothing in it is ours, so nothing in it stays a mention."""
    return mrkdwn(value, 500) if isinstance(value, str) else value


def _harmless(value: object) -> object:
    """Data of an error: services write mentions of people into it, the rest is anybody's."""
    if isinstance(value, str):
        return safe(value, 500)
    if isinstance(value, (list, tuple)):
        return type(value)(_harmless(part) for part in value)
    return value


def _topic_blocks(topic: Topic) -> list[Block]:
    if topic.verb:
        return _verb_blocks(topic.verb)
    if topic.noun:
        return _noun_blocks(topic.noun, topic.verbs)
    return _overview_blocks(topic)


_EVERY_DAY: Final = ("ct list", "ct start web-1", "ct status web-1", "ct create")
"""What somebody new tries first, for whoever can say it here."""


def _overview_blocks(topic: Topic) -> list[Block]:
    nouns = [
        f"*{noun.name}* {_(noun.summary)}: {' · '.join(f'`{verb.name}`' for verb in noun.verbs)}"
        for noun in topic.nouns
    ]
    alone = [_line(verb) for verb in topic.verbs]
    known = {f"{noun.name} {verb.name}" for noun in topic.nouns for verb in noun.verbs}
    first = [said for said in _EVERY_DAY if " ".join(said.split()[:2]) in known]
    begin: list[Block] = []
    if first:
        shown = " · ".join(f"`/nubemox {said}`" for said in first)
        begin = [section(_("Begin with {examples}.").format(examples=shown), "help-first")]
    blocks = [*begin, *_sections(nouns, "help-nouns"), *_sections(alone, "help-alone")]
    if topic.nouns:
        buttons = [
            run_button(f"help {noun.name}", noun.name, i) for i, noun in enumerate(topic.nouns[:25])
        ]
        blocks.append(actions(buttons, "help-more"))
    return blocks


def _noun_blocks(noun: Noun, verbs: Sequence[Verb]) -> list[Block]:
    lines = [f"*{noun.name}* {_(noun.summary)}", *map(_line, verbs)]
    examples = [example for verb in verbs for example in _examples(verb)[:1]][:3]
    footer = _("`/nubemox help {noun} VERB` lists a command's options.").format(noun=noun.name)
    if examples:
        footer = f"{_for_example(examples)}\n{footer}"
    return [*_sections(lines, "help-verbs"), context([footer], "help-footer")]


def _verb_blocks(verb: Verb) -> list[Block]:
    lines = [f"`/nubemox {escape(verb.usage)}`"]
    lines += [
        f"• `{escape(option.usage.strip('[]'))}` {_(option.summary)}" for option in verb.options
    ]
    blocks = _sections(lines, "help-verb")
    if examples := _examples(verb):
        blocks.append(context([_for_example(examples)], "help-examples"))
    return blocks


def _for_example(examples: Sequence[str]) -> str:
    return _("For example: {examples}").format(examples=" · ".join(examples))


def _examples(verb: Verb) -> list[str]:
    return [f"`/nubemox {escape(f'{verb.said} {words}'.strip())}`" for words in verb.examples]


def _line(verb: Verb) -> str:
    places = " ".join([verb.said, *(place.usage for place in verb.arguments)])
    return f"`{escape(places)}` {_(verb.summary)}"


def _sections(lines: Sequence[str], block_id: str) -> list[Block]:
    """The lines in as few sections as Slack's limit allows."""
    parts: list[list[str]] = []
    room = 0
    for line in lines:
        if not parts or room < len(line) + 1:
            parts.append([])
            room = _SECTION
        parts[-1].append(line)
        room -= len(line) + 1
    return [section("\n".join(part), f"{block_id}-{i}") for i, part in enumerate(parts)]
