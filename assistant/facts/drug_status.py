"""What the verbs beside a drug make of it: stopped, taken earlier, only spoken of, only supposed, given, taken again.

The verbs are data (`drug_cue` in `knowledge_base/clauses.toml`). A verb before its drugs governs a list ("stop A, B and C"), one behind
them those that stand right before it ("A and B were held"); neither reaches beyond its line, its bracket or the next verb.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from assistant.facts.drug_clauses import FAR, Clause, Cue, classes, clauses
from assistant.facts.drug_doses import DOSE, FREQUENCY, ROUTE
from assistant.records import Span

FIRST_REACH, BACK_REACH, TOLD_REACH = 30, 70, 140
MAY_STAND_BETWEEN = 3       # words of no known kind between a drug and a verb behind it
_ITEM_MARK = re.compile(r"[ \t]*(?:[-*•–·]+|\(?\d{1,2}[.)]|\[[ xX]?\])?[ \t]*")
_BRACKET = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
# what may stand between a drug and the next one of its list, beside doses
_FORM = re.compile(
    r"\b(?:tablets?|tabs?|caps?(?:ules?)?|pessar(?:y|ies)|suppositor(?:y|ies)|nebs?|patch(?:es)?|pump|injections?|inhalers?|cream|gel|drops?|sprays?|infusion|gtt|drip|sodium|potassium|hydrochloride|hcl|tartrate|"
    r"succinate|xl|xr|mr|sr|er|la|cr|dose|doses|home|otc|regular|usual|her|his|their|the|my|your|all|both|also|oral|old|own|further|any)\b|"
    r"\b\d+(?:[.,/-]\d+)*(?![\w%])", re.IGNORECASE,
)  # fmt: skip
_JOIN = re.compile(r"(?:\s|[,+&/*|]|\band\b|\bor\b|\bnor\b|\bplus\b|\bas well as\b)*", re.IGNORECASE)
_LAST_JOIN = re.compile(r"\s*(?:,\s*)?(?:and|&|\+|or)\s*", re.IGNORECASE)
# what may stand between a drug and a verb behind it that can be said of other things too: "the seizures stopped" stops no drug
_QUIET_PIECE = re.compile(
    r"[\s,|:*–—\-/()\"']+|\b(?:was|were|is|are|been|be|being|has|have|had|and|then|but|so|now|also|since|recently|temporarily|therefore|"
    r"initially|subsequently|already|tried|trialled|therapy|treatment|course|took|taken|given|started|one|two|x\d*|d|days?|weeks?|months?|ago|yesterday|today|"
    r"on|in|at|for|admission|last|this|week|by|gp|patient|pt|which|that|he|she|they|i|we|reports?|only|new|held|stopped|currently|"
    r"dose|abruptly|just|from|must|should|will|can|may|to)\b|[\d.]+(?:/\d+)*", re.IGNORECASE,
)  # fmt: skip
_OTHERS = re.compile(
    r"\b(?:seizures?|fits?|fitting|jerk\w*|bleed\w*|pain|vomit\w*|diarrh\w*|itch\w*|cough\w*|symptoms?|labou?r|contractions?|convulsions?|smok\w+|"
    r"breathing|heart|alcohol|drinking|treatment|oxygen)\b", re.IGNORECASE,
)  # fmt: skip
_TURN = re.compile(r"(?:,|\band\b|\bbut\b|\bso\b)(?!.*(?:,|\band\b|\bbut\b|\bso\b))(?P<last>.*)", re.IGNORECASE | re.DOTALL)
_ORDERED = re.compile(rf"\s*(?:\w+\s+)?(?:{DOSE.pattern}|\d+(?=\s+(?:{FREQUENCY.pattern})))", re.IGNORECASE)
_RELATIVE = re.compile(r",\s*(?:which|that)\b[^,;]*,")
# what follows a verb that is said of the drug before it: "stopped on 2/4", not "stopped aspirin"
_TURNS_BACK = re.compile(
    r"\b(?:because|due|since|until|when|if|by|as|after|for|to|with|in|at|on|but|then|was|were|is|are|and|prior|before|d/t|last|today|"
    r"yesterday|ago|this|x)\b|\d", re.IGNORECASE,
)  # fmt: skip
_PRONOUN = re.compile(r"\s*(?:taking|using|having|on)?\s*(?:it|this|that|them|these|those)\b", re.IGNORECASE)
_PASSIVE = re.compile(r"\b(?:was|were|been|being|is|are|be)\s+(?:\w+ly\s+)?$", re.IGNORECASE)
_LATER = re.compile(r"\b(?:to|will|can|may|should|could|would)\s+be\s+$", re.IGNORECASE)
_AT_TIME = re.compile(r"\s*(?:at|on|after|in|before|when|if|once|from)\b", re.IGNORECASE)
_OFF_NOW = re.compile(r"\s*(?:$|[.,;)|\n]|(?:since|for|at|on|now|today|yesterday|this|last|by)\b|\d)", re.IGNORECASE)
# "apixaban offered, declined" closes; "aspirin given, declined ECG" goes on to what was declined
_DECLINED = re.compile(
    r"\s*(?:$|[.,;:)|\n–-]|\d|(?:it|this|both|due|because|as|for|since|on|in|at|by|and|but|despite|when|until|today|again|all|doses?)\b)",
    re.IGNORECASE,
)
_CLOSES = re.compile(r"\s*(?:$|[.,;)|\n\]*])")
_MARKED = re.compile(r"[-:|–—(\[*]\s*$")
_ORDER = re.compile(r"(?:stop|hold|withhold|omit|discontinue|suspend|pause)\b(?!ped)", re.IGNORECASE)
_IF_BEFORE = re.compile(r"\b(?:if|when|whenever|unless|in case)\b[^.;]*$", re.IGNORECASE)
_IF_AFTER = re.compile(r"\s*,?\s*(?:(?:if|when|whenever|should|in case)\b|for\s+(?:SBP|MAP|HR|K|BP|pulse)\b)", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(?P<verb>(?:chang|switch|swap|convert|replac|rotat)\w*)\b(?P<what>[^.;\n]{0,60}?)\b(?:to|for|with|by|onto)\b", re.IGNORECASE
)
_HEAD = re.compile(r"[^:\n]{0,40}:[\s*]*")
_WEIGHED = re.compile(r"\b(?:consider\w*|could|may|might|if|discuss\w*|plan\w*(?!:)\b|would|not|option)\b[^.;]{0,25}$", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:no|not|denie[sd]|denying|never|without|neither|nor)\b[^,;.]{0,30}$", re.IGNORECASE)


def statuses(text: str, named: Sequence[tuple[str, Span]]) -> dict[Span, str]:
    """Drug -> what the verbs of its sentence say of it last; a drug of which none speaks is not here."""
    if not named:
        return {}
    drugs = [span for _, span in named]
    kinds = [Span(m.start(), m.end()) for m in classes().finditer(text)]
    letters = {place for drug in drugs for place in range(drug.start, drug.end)}
    items = sorted([*drugs, *(c for c in kinds if letters.isdisjoint(range(c.start, c.end)))], key=lambda span: span.start)
    parts = list(clauses(text, items))
    names = {span: name for name, span in named}
    found: dict[Span, str] = {}
    for number, clause in enumerate(parts):
        for cue in clause.cues:
            found |= _said(clause, cue, parts[number - 1] if number else None)
        found |= _changed(clause, names)
        found |= _headed(parts, number)
    return found


def _said(clause: Clause, cue: Cue, before: Clause | None) -> dict[Span, str]:
    """What one verb says of its drugs."""
    if cue.says == "go" and _DENIED.search(clause.lead(cue.start)):
        return {}
    following = _following(clause, cue)
    preceding = _preceding(clause, cue, before) if cue.side != "before" or not following else []
    if cue.side == "after":
        following = []
    told = preceding if preceding and (not following or _turns_back(clause, cue, following)) else following
    if told and _is_conditional(clause, cue, told):
        return dict.fromkeys(told, "supposed") if told is following else {}
    return dict.fromkeys(told, cue.says)


def _turns_back(clause: Clause, cue: Cue, following: Sequence[Span]) -> bool:
    """Whether a verb between two drugs is said of the first."""
    lead, gap = clause.lead(cue.start), clause.text[cue.end : following[0].start]
    if _PASSIVE.search(lead) or (":" not in gap and _TURNS_BACK.search(gap)):
        return True
    after = next(iter(clause.cues_between(following[0].end, following[0].end + FAR)), None)
    own = after is not None and after.side != "before" and not _plain(clause.text[following[0].end : after.start]).strip()
    return own and not lead.rstrip().endswith((",", ";", "(", ":"))


def _is_conditional(clause: Clause, cue: Cue, told: Sequence[Span]) -> bool:
    """ "Stop metformin if vomiting", "hold for SBP < 100": what is to be done one day, not what was done."""
    if cue.says != "stop" or not _ORDER.match(cue.words):
        return False
    begin = max(cue.end, told[-1].end)
    rest = clause.text[begin : min(clause.end, begin + FAR)]
    while dose := re.match(rf"\s*(?:{DOSE.pattern}|{FREQUENCY.pattern}|{ROUTE.pattern})", rest, re.IGNORECASE):
        rest = rest[dose.end() :]
    return bool(_IF_BEFORE.search(clause.lead(cue.start)) or _IF_AFTER.match(rest))


def _following(clause: Clause, cue: Cue) -> list[Span]:
    """The list of drugs after a verb."""
    first = next(iter(clause.after(cue.end)), None)
    if first is None or cue.side == "after" or clause.cues_between(cue.end, first.start):
        return []
    gap = clause.text[cue.end : first.start]
    if len(gap) > TOLD_REACH:
        return []
    headed = re.match(r"[^:;.]{0,30}:", gap) is not None
    bare = _BRACKET.sub(" ", gap)
    if (")" in bare and not re.match(r"\)[^:;.,]{0,20}:", gap)) or (cue.says == "go" and re.search(r"\bno\b", gap)):
        return []
    if not headed and (len(bare) > FIRST_REACH or re.search(r"[,;|]", bare) or len(bare.split()) > _words_between(cue)):
        return []
    return [first, *_listed(clause, first, headed)]


def _words_between(cue: Cue) -> int:
    return {"on": 1, "off": 1, "d/c": 0}.get(cue.words, 4)


def _listed(clause: Clause, first: Span, headed: bool) -> Iterator[Span]:
    """The drugs that go on the list which a drug begins."""
    last, depth = first, clause.depth(first.start)
    for item in clause.after(first.end):
        if clause.depth(item.start) > depth:
            continue
        gap = _plain(clause.text[last.end : item.start])
        verbs = any(clause.depth(cue.start) <= depth for cue in clause.cues_between(last.end, item.start))
        joined = _JOIN.fullmatch(gap.replace(";", ",") if headed else gap)
        if verbs or not joined or (not headed and "," in gap and _dosed(clause, item, last) and not _dosed(clause, first, first)):
            return
        last = item
        yield item


def _plain(gap: str) -> str:
    """The words between two drugs without brackets, doses and forms."""
    for pattern in (_BRACKET, DOSE, FREQUENCY, ROUTE, _FORM):
        gap = pattern.sub(" ", gap)
    return gap


def _dosed(clause: Clause, item: Span, last: Span) -> bool:
    """Whether a drug comes with a dose or a route of its own: in a list of names that is a new order."""
    route = last is not item and ROUTE.search(clause.text[last.end : item.start].rsplit(",", 1)[-1])
    return bool(route or _ORDERED.match(clause.text, item.end, clause.end))


def _preceding(clause: Clause, cue: Cue, before: Clause | None) -> list[Span]:
    """The drugs right before a verb, or those that "stopped taking it" means."""
    depth = clause.depth(cue.start)
    near_by = clause.items[bisect_left(clause.starts, cue.start - FAR) : bisect_left(clause.starts, cue.start)]
    earlier = [item for item in near_by if clause.depth(item.start) <= depth]
    if _PRONOUN.match(clause.text, cue.end) and not cue.words.startswith(("on", "off")):
        same_line = before is not None and "\n" not in clause.text[before.start : clause.start].rstrip(" ")
        near = earlier or (list(before.items) if before and same_line else [])
        return [item for item in near[-1:] if cue.start - item.end < TOLD_REACH and cue.says != "go"]
    return _joined(clause, earlier) if earlier and _behind(clause, cue, clause.text[earlier[-1].end : cue.start]) else []


def _behind(clause: Clause, cue: Cue, gap: str) -> bool:
    """Whether a verb may be said of a drug so far before it."""
    after = clause.text[cue.end : min(clause.end, cue.end + FAR)]
    if len(gap) > BACK_REACH or cue.says == "go" or ";" in gap or (_LATER.search(gap) and _AT_TIME.match(after)):
        return False
    if cue.side == "before":        # an order behind its drug stands apart: "aspirin - stop", "metformin (HOLD)"
        return bool(_ORDER.fullmatch(cue.words) and _MARKED.search(gap) and _CLOSES.match(after))
    if cue.words.startswith(("off", "completed", "finished")) and not _OFF_NOW.match(after):
        return False
    if cue.words.startswith(("declined", "refused")) and not _DECLINED.match(after):
        return False
    return _reaches_back(_RELATIVE.sub(" ", gap), cue.tied)


def _reaches_back(gap: str, tied: bool) -> bool:
    """Whether the words between a drug and a verb bring no other subject: "given, and the bleeding stopped", "INR 2.4, stopped"."""
    plain = _plain(gap)
    turn = _TURN.search(plain)
    last = turn["last"] if turn else "" if tied else plain
    if _strange(last) > (0 if turn else MAY_STAND_BETWEEN) or _OTHERS.search(last):
        return False
    listed = turn is not None and turn[0].startswith(",") and not tied       # what stands before a comma may be another thing as well
    counted = listed and re.search(r"\d", _BRACKET.sub(" ", DOSE.sub(" ", gap)))
    return not listed or (_strange(plain) <= (0 if counted else MAY_STAND_BETWEEN) and not _OTHERS.search(plain))


def _strange(words: str) -> int:
    """How many words are of no kind that may stand between a drug and its verb."""
    return len(_QUIET_PIECE.sub(" ", words).split())


def _joined(clause: Clause, earlier: Sequence[Span]) -> list[Span]:
    """The last drug, and those that an "and" joins to it: "A, B and C were held"."""
    kept, closed = [earlier[-1]], False
    for item, later in zip(reversed(earlier[:-1]), reversed(earlier[1:]), strict=True):
        gap = _plain(clause.text[item.end : later.start])
        if not (_LAST_JOIN.fullmatch(gap) or (closed and gap.strip() == ",")):
            break
        kept, closed = [item, *kept], True
    return kept


def _changed(clause: Clause, names: dict[Span, str]) -> Iterable[tuple[Span, str]]:
    """ "A changed to B", "switch from A to B": the first is over, the second is taken."""
    for change in _CHANGE.finditer(clause.text, clause.start, clause.end):
        drugs = [d for d in clause.items[bisect_left(clause.starts, change.start() - FAR) :][:FAR] if d in names]
        new = next((d for d in drugs if d.start >= change.end() and len(clause.text[change.end() : d.start].split()) <= 2), None)
        inside = [d for d in drugs if change.start("what") <= d.start < change.end("what")]
        done = change["verb"].lower().endswith("ed")
        old = inside or (_replaced(clause, change, drugs) if done else [])
        if new and old and names[old[-1]] != names[new] and not _WEIGHED.search(clause.lead(change.start())):
            yield from ((drug, "earlier" if done else "stop") for drug in old[-1:])


def _replaced(clause: Clause, change: re.Match[str], drugs: Sequence[Span]) -> list[Span]:
    """The drug before "was changed to", or the one that "swapped it to" means."""
    last = [drug for drug in drugs if drug.end <= change.start()][-1:]
    told = re.search(r"\b(?:it|this|that)\b", change["what"])
    return [d for d in last if (change.start() - d.end < TOLD_REACH if told else _reaches_back(clause.text[d.end : change.start()], False))]


def _headed(clauses: Sequence[Clause], number: int) -> dict[Span, str]:
    """ "Stopped:" on a line of its own speaks of the lines below it, as long as each begins with a drug."""
    clause = clauses[number]
    cue = next((c for c in clause.cues if _HEAD.fullmatch(clause.text, c.end, clause.end)), None) if not clause.items else None
    if cue is None or cue.side == "after":
        return {}
    found: dict[Span, str] = {}
    for line in clauses[number + 1 :]:
        mark = _ITEM_MARK.match(clause.text, line.start)
        if not line.items or (mark and line.items[0].start > mark.end()):
            break
        found |= dict.fromkeys([line.items[0], *_listed(line, line.items[0], headed=True)], cue.says)
    return found
