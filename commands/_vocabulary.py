"""Everything that can be said, found by its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commands._declare import Noun, Verb


@dataclass(frozen=True)
class Topic:
    """What help is about: everything, one noun, or one verb.

    Attributes:
        noun: None when help is about everything, or about a verb that stands alone.
        verbs: the verbs to list: of the noun, or those that stand alone.
        verb: set when help is about this one.
        nouns: every noun, when help is about everything.
        words: what names this topic, in the words of the table.
    """

    noun: Noun | None
    verbs: tuple[Verb, ...]
    verb: Verb | None = None
    nouns: tuple[Noun, ...] = ()
    words: tuple[str, ...] = ()


class Vocabulary:
    """Nouns by name, and the verbs that stand alone."""

    def __init__(self) -> None:
        self.alone = Noun("")
        self.nouns: list[Noun] = []
        self._by_word: dict[str, Noun] = {}

    def add(self, noun: Noun) -> None:
        """Put a noun and its other names into the vocabulary."""
        for word in (noun.name, *noun.aliases, *noun.plurals):
            if word in self._by_word:
                raise ValueError(f"`{word}` is there already")
            self._by_word[word] = noun
        self.nouns.append(noun)

    def find_noun(self, word: str) -> Noun | None:
        """The noun of this name or alias, in any case."""
        return self._by_word.get(word.lower())

    def noun_words(self) -> list[str]:
        """Every way to say a noun."""
        return list(self._by_word)

    def all_verbs(self) -> list[Verb]:
        """Every verb: of each noun in order, then those that stand alone."""
        return [verb for noun in (*self.nouns, self.alone) for verb in noun.verbs]

    def takes_value(self, option: str) -> bool:
        """Whether any verb's option of this name is followed by a value."""
        return any(
            found.kind is not None
            for verb in self.all_verbs()
            if (found := verb.find_option(option)) is not None
        )

    def find_topic(self, words: Sequence[str]) -> Topic | None:
        """What these words name, for help; nothing means everything."""
        if not words:
            return Topic(None, tuple(self.alone.verbs), nouns=tuple(self.nouns))
        noun = self.find_noun(words[0])
        if noun is None:
            verb, _length = self.alone.match(words)
            return Topic(None, (), verb, words=verb.words) if verb else None
        verb, _length = noun.match(words[1:])
        if verb is not None:
            return Topic(noun, tuple(noun.verbs), verb, words=(noun.name, *verb.words))
        if len(words) == 1:
            return Topic(noun, tuple(noun.verbs), words=(noun.name,))
        group = tuple(noun.group(words[1]))
        return Topic(noun, group, words=(noun.name, group[0].words[0])) if group else None
