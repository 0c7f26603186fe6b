"""A note summary as a FHIR R4 document of plain dicts: Composition, DocumentReference of the note, Provenance.

Each line of a section carries the places of the note that it rests on, as an extension; the note itself is referred to by size and hash,
and only on request contained. Structure: HL7 FHIR R4, https://hl7.org/fhir/R4/composition.html.
"""

from __future__ import annotations

import base64
import hashlib
import html
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.records import Bullet, NoteSummary
from knowledge_base.lexicon import read_table

SPANS = "urn:clinical-assistant:spans"
LOINC = "http://loinc.org"
Resource = dict[str, Any]


def document(summary: NoteSummary, text: str, *, date: str, include_note: bool = False) -> Resource:
    """Bundle of type "document" whose first entry is the Composition.

    Args:
        summary: what is sent.
        text: the note that it was made from; not contained unless `include_note` is set.
        date: when the summary was made, an ISO instant with time zone.
        include_note: whether the text of the note travels with it.

    Equal input gives equal ids.
    """
    note = _note(text, date, include_note)
    device = _device(summary)
    composition = _composition(summary, note, device, date)
    made = _provenance(composition, note, device, date)
    entries = [{"fullUrl": f"urn:uuid:{item['id']}", "resource": item} for item in (composition, note, device, made)]
    identifier = {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{_id('bundle', text, summary.style, date)}"}
    return {"resourceType": "Bundle", "type": "document", "identifier": identifier, "timestamp": date, "entry": entries}


def _id(*parts: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, hashlib.sha256("\0".join(parts).encode()).hexdigest()))


def _coded(name: str) -> Resource:
    code, display = read_table("fhir_codes")["loinc"][name]
    return {"coding": [{"system": LOINC, "code": code, "display": display}]}


def _reference(resource: Mapping[str, Any]) -> Resource:
    return {"reference": f"urn:uuid:{resource['id']}"}


def _note(text: str, date: str, include: bool) -> Resource:
    raw = text.encode()
    attachment: Resource = {
        "contentType": "text/plain; charset=utf-8",
        "size": len(raw),
        "hash": base64.b64encode(hashlib.sha1(raw, usedforsecurity=False).digest()).decode(),
    }
    if include:
        attachment["data"] = base64.b64encode(raw).decode()
    return {
        "resourceType": "DocumentReference",
        "id": _id("note", text),
        "status": "current",
        "type": _coded("note"),
        "date": date,
        "content": [{"attachment": attachment}],
    }


def _device(summary: NoteSummary) -> Resource:
    versions = [{"type": {"text": name}, "value": value} for name, value in sorted(summary.versions.items())]
    made: Resource = {
        "resourceType": "Device",
        "id": _id("device", *summary.versions.values()),
        "status": "active",
        "deviceName": [{"name": "clinical assistant", "type": "model-name"}],
    }
    return {**made, "version": versions} if versions else made


def _composition(summary: NoteSummary, note: Resource, device: Resource, date: str) -> Resource:
    sections = [
        _section(name, [b for b in summary.bullets if b.section == name]) for name in dict.fromkeys(b.section for b in summary.bullets)
    ]
    if summary.contradictions:
        sections.append({"title": "Contradictions in the note", "text": _narrative(summary.contradictions)})
    if summary.cautions:
        sections.append({"title": "Rules against listed medicines", "text": _narrative([sentence.text for sentence in summary.cautions])})
    return {
        "resourceType": "Composition",
        "id": _id("composition", note["id"], summary.style, *(b.text for b in summary.bullets)),
        "text": _narrative([summary.safety_line]),
        "status": "preliminary",
        "type": _coded("summary"),
        "date": date,
        "author": [_reference(device)],
        "title": f"Note summary ({summary.style.replace('_', ' ')})",
        "relatesTo": [{"code": "transforms", "targetReference": _reference(note)}],
        "section": sections,
    }


def _section(name: str, bullets: Sequence[Bullet]) -> Resource:
    """A section; a part that LOINC has no code for is told by its title alone."""
    coded = {"code": _coded(name)} if name in read_table("fhir_codes")["loinc"] else {}
    places = [{"url": SPANS, "valueString": ", ".join(f"{s.start}-{s.end}" for s in b.spans)} for b in bullets]
    return {"extension": places, "title": name.replace("_", " ").capitalize(), **coded, "text": _narrative([b.marked for b in bullets])}


def _narrative(lines: Sequence[str]) -> Resource:
    rows = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><ul>{rows}</ul></div>'}


def _provenance(composition: Resource, note: Resource, device: Resource, date: str) -> Resource:
    return {
        "resourceType": "Provenance",
        "id": _id("provenance", composition["id"]),
        "target": [_reference(composition)],
        "recorded": date,
        "agent": [{"who": _reference(device)}],
        "entity": [{"role": "source", "what": _reference(note)}],
    }
