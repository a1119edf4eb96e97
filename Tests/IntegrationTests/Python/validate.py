"""Says what is wrong with a JSON document by a JSON Schema of draft 7; exit status 1 where something is.

usage: validate.py SCHEMA DOCUMENT
"""
import json
import sys

import jsonschema

schema, document = (json.load(open(path)) for path in sys.argv[1:])
errors = list(jsonschema.Draft7Validator(schema).iter_errors(document))
for error in errors:
    print(list(error.absolute_path), error.message[:500])
sys.exit(1 if errors else 0)
