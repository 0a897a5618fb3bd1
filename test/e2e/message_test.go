package e2e

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/vodstack/vodstack/test/rig"
)

// heavy are the fields that the Complete message leaves out.
var heavy = []string{"srcMediainfo", "encodingJob", "encodingOutput"}

// checkMessages asks that a Complete video was announced word for word as
// the contract says, once, on every channel.
func checkMessages(t *testing.T, s *site, key string, record map[string]any) {
	t.Helper()
	guid, _ := record["guid"].(string)
	ingest := once(t, s.raw, "Ingest message", about(key, "Ingest"))
	checkValues(t, ingest.Body, map[string]any{
		"status": "Ingest", "workflowStatus": "Ingest", "guid": guid, "srcVideo": key, "srcBucket": s.Outputs["Source"],
	})
	complete := once(t, s.raw, "Complete message", about(key, "Complete"))
	checkCarries(t, "the Complete message", complete, record, heavy)
	result := once(t, s.results, "message in the result queue", about(key))
	checkCarries(t, "the SQS message", result, record, nil)
	checkValues(t, result.Body, map[string]any{"workflowStatus": "Complete"})

	once(t, s.finished, "filtered message", about(key))
	for status, m := range map[string]rig.Message{
		"Ingest":   once(t, s.enveloped, "Ingest message in an envelope", about(key, "Ingest")),
		"Complete": once(t, s.enveloped, "Complete message in an envelope", about(key, "Complete")),
	} {
		checkEnvelope(t, m, status, guid)
	}
	checkAttributes(t, ingest, "Ingest", guid)
	checkAttributes(t, complete, "Complete", guid)
}

// once waits for a message and asks that there is no second one.
func once(t *testing.T, l *rig.Listener, what string, ok func(rig.Message) bool) rig.Message {
	t.Helper()
	m, err := l.Wait(t.Context(), 20*time.Second, ok)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if n := len(l.Find(ok)); n != 1 {
		t.Errorf("%s: there are %d, want 1", what, n)
	}
	return m
}

// checkCarries holds a message against the record: every field of the
// contract but those left out, with the same value.
func checkCarries(t *testing.T, what string, m rig.Message, record map[string]any, without []string) {
	t.Helper()
	if len(m.Raw) > 256*1024 {
		t.Errorf("%s has %d bytes, more than 256 KiB", what, len(m.Raw))
	}
	if m.Body["status"] != record["workflowStatus"] {
		t.Errorf("%s: status is %v, want %v", what, m.Body["status"], record["workflowStatus"])
	}
	for _, fields := range []map[string]string{always, withPicture} {
		for name := range fields {
			value, there := record[name]
			got, sent := m.Body[name]
			switch {
			case slices.Contains(without, name):
				if sent {
					t.Errorf("%s carries %s, which is left out", what, name)
				}
			case there != sent || !reflect.DeepEqual(got, value):
				t.Errorf("%s: %s is %v, the record has %v", what, name, got, value)
			}
		}
	}
	if found := nulls("message", m.Body); len(found) > 0 {
		t.Errorf("%s: null at %v", what, found)
	}
}

func checkEnvelope(t *testing.T, m rig.Message, status, guid string) {
	t.Helper()
	if want := "Workflow Status:: " + status + ":: " + guid; m.Subject != want {
		t.Errorf("subject is %q, want %q", m.Subject, want)
	}
	checkAttributes(t, m, status, guid)
}

func checkAttributes(t *testing.T, m rig.Message, status, guid string) {
	t.Helper()
	if m.Attributes["status"] != status || m.Attributes["guid"] != guid {
		t.Errorf("message attributes of %s are %v, want status and guid %s", status, m.Attributes, guid)
	}
}
