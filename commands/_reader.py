"""From words to an invocation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import click

from commands import _guess
from commands._declare import Noun, Verb
from commands._invocation import Invocation
from commands._kinds import GUEST, TAG, Kind, Misfit, Text
from commands._spelling import MAX_CHARACTERS, Word, join, quote, split, tidy
from commands._vocabulary import Vocabulary
from commands.errors import (
    ArgumentMissing,
    BadValue,
    Empty,
    NounMissing,
    OptionTwice,
    TooManyWords,
    UnknownNoun,
    UnknownOption,
    UnknownVerb,
    ValueMissing,
    ValueUnwanted,
    VerbMissing,
    WordsFault,
    WordsSwapped,
)
from nubemox_bot.blockkit.text import visible

_HELP_OPTIONS = {"--help", "--h"}
_OWN_NAMES = {"/nubemox", "nubemox"}
_FREE_TEXTS = {"TEXT", "KEY"}
"""What people type with spaces, whether or not they think of quotes."""


def read(vocabulary: Vocabulary, text: str) -> Invocation:
    """What the text says; a fault in it when it cannot be understood. Never raises."""
    try:
        return _read_words(vocabulary, split(tidy(text)), guesses=2)
    except WordsFault as fault:
        return Invocation(words=visible(text[:MAX_CHARACTERS]).strip(), fault=fault)


def _read_words(vocabulary: Vocabulary, words: list[Word], guesses: int) -> Invocation:
    words = _without_address(words)
    line = join(word.text if word.is_option else quote(word.text) for word in words)
    try:
        return _understand(vocabulary, words)
    except WordsFault as fault:
        if guesses:
            fault.nearest = _checked(vocabulary, fault, words, guesses - 1)
        return Invocation(words=line, fault=fault)


def _checked(
    vocabulary: Vocabulary, fault: WordsFault, words: list[Word], guesses: int
) -> tuple[str, ...]:
    """The guesses at what was meant that can be read, themselves corrected where need be."""
    found: dict[str, None] = {}
    for guess in _guess.candidates(vocabulary, fault, words):
        try:
            invocation = _read_words(vocabulary, guess, guesses)
        except WordsFault:
            continue
        for line in invocation.fault.nearest[:1] if invocation.fault else (invocation.words,):
            found[line] = None
    return tuple(found)[:3]


def _without_address(words: list[Word]) -> list[Word]:
    """The words without the bot's own name in front."""
    here = 0
    while here < len(words) and (
        words[here].text.startswith("<@") or words[here].text.lower() in _OWN_NAMES
    ):
        here += 1
    return words[here:]


def _understand(vocabulary: Vocabulary, words: list[Word]) -> Invocation:
    topic = _help_topic(vocabulary, words)
    if topic is not None:
        return _help(vocabulary, topic)

    plain = _plain(vocabulary, words)
    if not plain:
        raise UnknownNoun(word=words[0].text)
    said = [words[i].text for i in plain[:3]]
    noun = vocabulary.find_noun(said[0])
    if noun is None:
        verb, length = vocabulary.alone.match(said)
        if verb is None:
            raise _unknown_start(vocabulary, [words[i].text for i in plain])
        used = plain[:length]
    else:
        verb, length = _verb_of(noun, said)
        used = plain[: length + 1]
    return _bind(verb, [word for i, word in enumerate(words) if i not in used])


def _unknown_start(vocabulary: Vocabulary, said: Sequence[str]) -> UnknownNoun:
    """The fault of a line that begins with no noun."""
    nouns = _guess.nouns_with(vocabulary, said[0])
    if any(vocabulary.find_noun(word) in nouns for word in said[1:]):
        return WordsSwapped(word=said[0])
    return NounMissing(word=said[0]) if nouns else UnknownNoun(word=said[0])


def _plain(vocabulary: Vocabulary, words: list[Word]) -> list[int]:
    """Where the words are that are neither options nor the values of options."""
    places: list[int] = []
    value_follows = False
    for i, word in enumerate(words):
        if word.is_option:
            value_follows = "=" not in word.text and vocabulary.takes_value(word.text)
        elif value_follows:
            value_follows = False
        else:
            places.append(i)
    return places


def _verb_of(noun: Noun, said: Sequence[str]) -> tuple[Verb, int]:
    verb, length = noun.match(said[1:])
    if verb is not None:
        return verb, length
    if len(said) == 1:
        if said[0].lower() in noun.plurals and (listing := noun.find_verb("list")):
            return listing, 0
        choices = ", ".join(verb.name for verb in noun.verbs)
        raise VerbMissing(words=noun.name, choices=choices, noun=noun.name, topic=(noun.name,))
    if group := noun.group(said[1]):
        topic = (noun.name, said[1].lower())
        if len(said) == 2:
            choices = ", ".join(verb.words[1] for verb in group)
            raise VerbMissing(words=" ".join(topic), choices=choices, noun=noun.name, topic=topic)
        raise UnknownVerb(noun=" ".join(topic), word=said[2], topic=topic)
    raise UnknownVerb(noun=noun.name, word=said[1], topic=(noun.name,))


def _help_topic(vocabulary: Vocabulary, words: list[Word]) -> list[str] | None:
    """What help is asked about; None when it is not asked for."""
    texts = [word.text for word in words if not word.is_option]
    if any(word.is_option and word.text.lower() in _HELP_OPTIONS for word in words):
        while texts and vocabulary.find_topic(texts) is None:
            texts.pop()
        return texts
    if not words:
        return []
    helping = vocabulary.alone.find_verb("help")
    if vocabulary.alone.find_verb(texts[0] if texts else "") is helping and helping:
        return texts[1:]
    if len(texts) == 1 and len(words) == 1:
        return (
            texts if vocabulary.find_noun(texts[0]) and not _is_plural(vocabulary, texts) else None
        )
    if texts[-1:] and texts[-1].lower() == "help" and len(texts) == len(words):
        topic = vocabulary.find_topic(texts[:-1])
        exact = 1 + (len(topic.verb.words) if topic and topic.verb else 0)
        return texts[:-1] if topic and len(texts) - 1 <= exact else None
    return None


def _is_plural(vocabulary: Vocabulary, texts: Sequence[str]) -> bool:
    noun = vocabulary.find_noun(texts[0])
    return bool(noun and texts[0].lower() in noun.plurals and noun.find_verb("list"))


def _help(vocabulary: Vocabulary, topic: list[str]) -> Invocation:
    verb = vocabulary.alone.find_verb("help")
    if verb is None:
        raise Empty
    while len(topic) > 1 and vocabulary.alone.find_verb(topic[0]) is verb:
        topic = topic[1:]
    found = vocabulary.find_topic(topic)
    if found is None:
        raise UnknownNoun(word=" ".join(topic))
    words = join(["help", *found.words])
    return Invocation(words=words, verb=verb, arguments={"topic": found.words})


@dataclass
class _Sorted:
    """A verb's words, sorted into places and options."""

    places: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    flags: dict[str, None] = field(default_factory=dict)
    strays: list[tuple[str, str]] = field(default_factory=list)
    """Places that came right after the value of an option that takes a text, with that option."""

    def place(self, word: Word, text_before: str) -> None:
        """Keep a word that is neither an option nor its value."""
        if word == Word("--"):
            return
        self.places.append(word.text)
        if text_before:
            self.strays.append((text_before, word.text))

    def keep_texts_whole(self) -> None:
        """`--reason more room` without quotes: what follows a text belongs to it."""
        for word, text in self.strays:
            self.values[word] = f"{self.values[word]} {text}"
            self.places.remove(text)
        self.strays.clear()

    def for_click(self) -> list[str]:
        options = [f"{word}={value}" for word, value in self.values.items()]
        return [*options, *self.flags, "--", *self.places]

    def canonical(self, verb: Verb) -> str:
        options = [part for word, value in self.values.items() for part in (word, quote(value))]
        return join([verb.said, *map(quote, self.places), *options, *self.flags])


def _sort(verb: Verb, words: list[Word]) -> _Sorted:
    done = _Sorted()
    topic = (verb.noun, verb.name) if verb.noun else (verb.name,)
    waiting = iter(words)
    text_before = ""
    for word in waiting:
        if not word.is_option:
            done.place(word, text_before)
            continue
        text_before = ""
        name, equals, value = word.text.partition("=")
        option = verb.find_option(name)
        if option is None:
            raise UnknownOption(command=verb.said, option=name, topic=topic)
        if option.kind is None:
            if equals:
                raise ValueUnwanted(command=verb.said, option=option.word, topic=topic)
            done.flags[option.word] = None
            continue
        if option.word in done.values:
            raise OptionTwice(option=option.word, topic=topic)
        if not equals:
            following = next(waiting, Word("--missing"))
            value = "" if following.is_option else following.text
        if not value:
            example = option.kind.example
            raise ValueMissing(command=verb.said, option=option.word, example=example, topic=topic)
        done.values[option.word] = value
        text_before = option.word if _is_free_text(option.kind) else ""
    return done


def _is_free_text(kind: Kind) -> bool:
    return isinstance(kind, Text) and kind.label in _FREE_TEXTS


def _bind(verb: Verb, words: list[Word]) -> Invocation:
    topic = (verb.noun, verb.name) if verb.noun else (verb.name,)
    done = _sort(verb, words)
    room = len(verb.arguments)
    many = any(place.many for place in verb.arguments)
    if len(done.places) > room and not many:
        done.keep_texts_whole()
    if len(done.places) > room and not many:
        extra = " ".join(done.places[room:])
        raise TooManyWords(extra=extra, command=verb.said, usage=verb.usage, topic=topic)
    try:
        parsed = verb.command.make_context(verb.said, done.for_click())
    except Misfit as misfit:
        raise _bad_value(verb, misfit, topic) from misfit
    except click.ClickException as refusal:
        raise WordsFault(topic=topic) from refusal
    line = done.canonical(verb)
    values = dict(parsed.params)
    missing = [place for place in verb.arguments if place.required and not values[place.name]]
    if any(option.kind is TAG and values[option.name] for option in verb.options):
        # A tag names guests too.
        missing = [place for place in missing if place.kind is not GUEST]
    if missing and missing[0] is verb.arguments[0] and verb.needs_guest:
        return Invocation(words=line, verb=verb, arguments=values, missing_guest=True)
    wanted: list[str] = [place.label or place.kind.label for place in missing]
    wanted += [o.usage for o in verb.options if o.required and values[o.name] is None]
    if wanted:
        raise ArgumentMissing(command=verb.said, argument=wanted[0], usage=verb.usage, topic=topic)
    return Invocation(words=line, verb=verb, arguments=values)


def _bad_value(verb: Verb, misfit: Misfit, topic: tuple[str, ...]) -> BadValue:
    name = misfit.param.name if misfit.param else ""
    places: dict[str, str] = {
        place.name: place.label or place.kind.label for place in verb.arguments
    }
    places |= {option.name: option.word for option in verb.options}
    return BadValue(
        word=misfit.word,
        place=places.get(str(name), verb.said),
        expected=misfit.expected,
        expected_data=misfit.data,
        fitting=misfit.nearest,
        topic=topic,
    )
