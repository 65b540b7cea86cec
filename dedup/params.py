"""Every number that decides whether two articles are one dispatch, in one place.

Each stands with its range and the reason for its default. The figures quoted are from
``run.py bench quality``; see docs/design.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from dedup.words import VERSION


@dataclass(frozen=True, kw_only=True)
class Params:
    """Parameters of near-duplicate detection."""

    # --- what is compared: changing these makes stored signatures stale ---
    # Words in a shingle, 1 to 5. With recurring shingles removed, pairs of words find more rewritten
    # copies than triples at equal precision (newswire F1 .91 against .85).
    k: int = 2
    # Values of a text's signature, bands x rows. datasketch's default size.
    num_perm: int = 128
    # Bands and rows of texts: a pair of Jaccard similarity .2 becomes a candidate with probability .93.
    # 42 x 3 lost 11 % of the true pairs, 25 x 5 (datasketch at .5) 37 %.
    bands: int = 64
    rows: int = 2
    # Values of a headline's signature, and its bands and rows: .95 at similarity .3.
    headline_num_perm: int = 64
    headline_bands: int = 32
    headline_rows: int = 2

    # --- which pairs are considered ---
    # Hours between two articles of one dispatch, 1 to 720. A property of the pair, never of "now".
    window_hours: int = 72
    # Pairs whose signatures agree in less than this share are not verified, 0 to .1.
    agreement: float = 0.02
    # The same for headlines, 0 to .4: the likeness asked for below needs a Jaccard similarity of about .5.
    # At .25 no match of three sets is lost, at .3 one of 1,800; .15 gives twice as many pairs to verify.
    headline_agreement: float = 0.25
    # A text of fewer informative shingles than this is also looked up value by value, because a brief inside a long
    # article has a low Jaccard similarity however exact the copy; 0 to 500.
    brief: int = 300

    # --- what makes a pair a match ---
    # Containment of informative shingles, 0 to 1. Independent articles on one event reach .41.
    containment: float = 0.5
    # Informative shingles in common at least, 1 to 100.
    shared: int = 8
    # Two texts with at least this many figures each ...
    figures: int = 3
    # ... that share a smaller part of them than this are two items of one template, 0 to 1. From .5 to .6,
    # 62 more pairs of newswire are told apart, nearly all of them templates; at .67 a true copy is lost.
    figures_shared: float = 0.6
    # Two texts of one outlet under headlines that differ in their figures only ("22 November" / "23 November") are
    # items of a series, unless they share at least this part of their figures, 0 to 1.
    figures_same: float = 0.9
    # Where one of the outlets has taught nothing yet, fewer shingles in common than this may be a notice of
    # theirs, and the headlines must have a subject in common; 0 to 1000.
    notice: int = 120
    # Under this many words of lede and body the headline may decide, 0 to 200; also where too few informative
    # shingles are left to compare, as on a page that is all paywall.
    short_words: int = 40
    # Likeness of headlines that decides for a short text, 0 to 1.
    headline: float = 0.68
    # Likeness from which a headline decides even against teasers that share nothing, 0 to 1.
    headline_alone: float = 0.85
    # Likeness of headlines and containment that decide together.
    headline_with_text: float = 0.6
    containment_with_headline: float = 0.35

    # --- what holds a cluster together ---
    # Two groups of at least this many articles each ...
    bridged: int = 3
    # ... that one match alone joins are left apart if it is weaker than this (containment plus likeness of the
    # headlines, 0 to 2). 4 matches in 34,000 articles are such bridges, 3 of them between tables of rates; with
    # groups of 2 it is 32, half of them right, and recall falls.
    bridge: float = 0.8

    # --- what counts as recurring text of an outlet ---
    # Articles of an outlet looked at, those with the smallest hash of their URL.
    sample: int = 4096
    # Articles under a like headline within so many hours of a story's first version are further versions of it and
    # count once, 1 to 24.
    update_hours: int = 12
    # More of them than this begin a further story, 2 to 20: a template that is filled in by the dozen is one.
    update_versions: int = 6
    # A shingle in this many stories of the sample recurs and says nothing about any of them. Taking what all of two or
    # three stories have for boilerplate gained nothing on three sets, and parted texts an outlet ran twice.
    recurring: int = 4
    # A shingle that recurs at this many outlets is common language for all of them.
    common_outlets: int = 3

    @property
    def sketch_id(self) -> str:
        """Name of everything a stored signature depends on."""
        return f"words{VERSION}-k{self.k}-affine32-{self.num_perm}-{self.headline_num_perm}"


DEFAULT = Params()
