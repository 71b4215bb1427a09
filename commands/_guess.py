"""What a person may have meant by words that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from commands._declare import Noun
from commands._kinds import nearest
from commands._spelling import Word
from commands._vocabulary import Vocabulary
from commands.errors import BadValue, UnknownNoun, UnknownOption, UnknownVerb, WordsFault

Words = list[Word]


def candidates(vocabulary: Vocabulary, fault: WordsFault, words: Words) -> Iterator[Words]:
    """Other words to try, likeliest first; whoever asks must check that they can be read."""
    wrong = str(fault.data.get("option" if isinstance(fault, UnknownOption) else "word", ""))
    if isinstance(fault, UnknownNoun):
        yield from _for_unknown_noun(vocabulary, words)
    elif isinstance(fault, UnknownVerb):
        noun = vocabulary.find_noun(fault.topic[0])
        if noun is not None:
            yield from _for_unknown_verb(vocabulary, noun, wrong, words)
    elif isinstance(fault, UnknownOption):
        yield from _for_unknown_option(vocabulary, fault.topic, wrong, words)
    elif isinstance(fault, BadValue):
        for word in fault.fitting:
            yield _replaced(words, wrong, word)


def _replaced(words: Words, wrong: str, *right: str) -> Words:
    """The words with the first `wrong` one replaced, also where it is an option's value."""
    for i, word in enumerate(words):
        if word.text == wrong:
            return [*words[:i], *map(Word, right), *words[i + 1 :]]
        if word.is_option and word.text.partition("=")[2] == wrong:
            option = word.text.partition("=")[0]
            return [*words[:i], Word(f"{option}={right[0]}"), *words[i + 1 :]]
    return words


def _without(words: Words, place: int) -> Words:
    return [*words[:place], *words[place + 1 :]]


def nouns_with(vocabulary: Vocabulary, verb: str) -> list[Noun]:
    """The nouns that can be said with this verb."""
    return [noun for noun in vocabulary.nouns if noun.find_verb(verb) or noun.group(verb)]


def _for_unknown_noun(vocabulary: Vocabulary, words: Words) -> Iterator[Words]:
    first = next((word for word in words if not word.is_option), None)
    if first is None:
        return
    rest = _without(words, words.index(first))
    helping = vocabulary.alone.find_verb("help")
    if helping and vocabulary.alone.find_verb(first.text) is helping:
        for known in nearest(rest[0].text if rest else "", _help_words(vocabulary)):
            yield [Word("help"), *map(Word, known.split())]
        return
    swapped = list(_noun_elsewhere(vocabulary, first, rest))
    yield from swapped
    for known in nearest(first.text, [*vocabulary.noun_words(), *vocabulary.alone.verb_words()]):
        yield [*map(Word, known.split()), *rest]
    if not swapped:
        yield from _noun_left_out(vocabulary, first, rest)
    known_verbs = {words for noun in vocabulary.nouns for words in noun.verb_words()}
    for verb in nearest(first.text, known_verbs):
        if verb != first.text.lower():
            swapped = list(_noun_elsewhere(vocabulary, Word(verb), rest))
            yield from swapped or _noun_left_out(vocabulary, Word(verb), rest)


def _help_words(vocabulary: Vocabulary) -> list[str]:
    """Everything that help can be asked about."""
    alone = [verb.name for verb in vocabulary.alone.verbs]
    said = [f"{noun.name} {verb.name}" for noun in vocabulary.nouns for verb in noun.verbs]
    return [*vocabulary.noun_words(), *alone, *said]


def _noun_elsewhere(vocabulary: Vocabulary, verb: Word, rest: Words) -> Iterator[Words]:
    """`start ct 105`: the noun is there, behind its verb."""
    for i, word in enumerate(rest):
        noun = vocabulary.find_noun(word.text)
        if noun and (noun.find_verb(verb.text) or noun.group(verb.text)):
            yield [Word(noun.name), verb, *_without(rest, i)]


def _noun_left_out(vocabulary: Vocabulary, first: Word, rest: Words) -> Iterator[Words]:
    """`start 105` or `105 start`: the verb is there, the noun is not."""
    for noun in nouns_with(vocabulary, first.text):
        yield [Word(noun.name), first, *rest]
    if rest:
        for noun in nouns_with(vocabulary, rest[0].text):
            yield [Word(noun.name), rest[0], first, *rest[1:]]


def _for_unknown_verb(
    vocabulary: Vocabulary, noun: Noun, wrong: str, words: Words
) -> Iterator[Words]:
    place = next((i for i, word in enumerate(words) if vocabulary.find_noun(word.text) is noun), 0)
    rest = _without(words, place)
    for i, word in enumerate(rest):
        if word.text != wrong and (noun.find_verb(word.text) or noun.group(word.text)):
            yield [Word(noun.name), word, *_without(rest, i)]
    group = [word.text for word in rest if noun.group(word.text)]
    if group:
        seconds = [verb.words[1] for verb in noun.group(group[0])]
        for second in nearest(wrong, seconds):
            yield [Word(noun.name), *_replaced(rest, wrong, second)]
    if vocabulary.alone.find_verb(wrong):
        yield rest
    for known in nearest(wrong, _verb_starts(noun), count=2):
        yield [Word(noun.name), *_replaced(rest, wrong, *known.split())]
    for other in nouns_with(vocabulary, wrong):
        yield [Word(other.name), *rest]


def _verb_starts(noun: Noun) -> list[str]:
    """Every verb, and the first word of each verb of two words."""
    starts = [*noun.verb_words(), *(verb.words[0] for verb in noun.verbs)]
    return list(dict.fromkeys(starts))


def _for_unknown_option(
    vocabulary: Vocabulary, topic: Sequence[str], wrong: str, words: Words
) -> Iterator[Words]:
    found = vocabulary.find_topic([part for words in topic for part in words.split()])
    if found is None or found.verb is None:
        return
    for known in nearest(wrong, [option.word for option in found.verb.options]):
        for i, word in enumerate(words):
            name, equals, value = word.text.partition("=")
            if word.is_option and name == wrong:
                yield [*words[:i], Word(f"{known}{equals}{value}"), *words[i + 1 :]]
                return
