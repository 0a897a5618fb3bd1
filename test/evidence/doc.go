// Package evidence shows that AWS would allow what the functions do, and
// understand what they ask: it reads the calls that test/rig's Recorder wrote
// down in a run of test/e2e, and checks each against its function's policies
// and its service's model. ADR 40 says how, and why so.
//
// The check itself is Python, for botocore's models, and Node, for the
// evaluator of policies:
//
//	.tools/venv/bin/python test/evidence/check.py test/evidence/explained.json RUN...
package evidence
