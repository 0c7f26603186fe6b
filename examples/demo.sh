#!/bin/sh
# Three real cases: a threshold question, a score, and a note.
set -eu
ask=$1
run() { printf '\n$ assistant %s\n\n' "$2"; shift 2; "$ask" "$@"; }
run ask 'ask "Can a 70-year-old woman with type 2 diabetes and an eGFR of 25 take metformin?"' ask "Can a 70-year-old woman with type 2 diabetes and an eGFR of 25 take metformin?"
run ask 'ask "CHA2DS2-VASc for a 76-year-old woman with hypertension, diabetes and atrial fibrillation: does she need anticoagulation?"' \
    ask "CHA2DS2-VASc for a 76-year-old woman with hypertension, diabetes and atrial fibrillation: does she need anticoagulation?"
run note 'note examples/pneumonia.txt' note examples/pneumonia.txt
