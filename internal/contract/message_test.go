package contract_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/testkit"
)

// told is a message as one text: what a subscriber sees.
func told(t *testing.T, m contract.Message) string {
	t.Helper()
	return fmt.Sprintf("Subject: %s\nmessageId: %s\nstatus: %s\nguid: %s\n\n%s", m.Subject, m.ID, m.Status, m.GUID, indented(t, m.Body))
}

func failed() contract.Record {
	rec := full()
	rec.WorkflowStatus = contract.StatusError
	rec.Outputs = contract.Outputs{}
	return rec
}

func TestTheMessagesAreWrittenAsTheContractSays(t *testing.T) {
	ingest, err := contract.IngestMessage(full())
	if err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/ingest.txt", told(t, ingest))
	for name, rec := range map[string]contract.Record{"complete": full(), "error": failed()} {
		message, err := contract.FinalMessage(rec)
		if err != nil {
			t.Fatal(err)
		}
		testkit.Golden(t, "testdata/"+name+".txt", told(t, message))
		result, err := contract.ResultMessage(rec)
		if err != nil {
			t.Fatal(err)
		}
		testkit.Golden(t, "testdata/result-"+name+".json", indented(t, result.Body))
	}
}

func TestNoMessageTellsWhatIsInternal(t *testing.T) {
	var names map[string]any
	text, _ := json.Marshal(full().Internal)
	if err := json.Unmarshal(text, &names); err != nil || len(names) < 9 {
		t.Fatalf("internal fields are %v (%v)", names, err)
	}
	for _, body := range bodies(t, full()) {
		for name := range names {
			if strings.Contains(body, `"`+name+`"`) {
				t.Errorf("%s leaked into %s", name, body)
			}
		}
	}
}

func bodies(t *testing.T, rec contract.Record) []string {
	t.Helper()
	bad := rec
	bad.WorkflowStatus = contract.StatusError
	var all []string
	for _, r := range []contract.Record{rec, bad} {
		message, err := contract.FinalMessage(r)
		if err != nil {
			t.Fatal(err)
		}
		result, err := contract.ResultMessage(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, message.Body, result.Body)
	}
	return all
}

func TestAMessageFitsWhateverTheVideo(t *testing.T) {
	long := func(n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf("s3://destination/%s/%d.jpg", strings.Repeat("x", 300), i))
		}
		return list
	}
	grow := map[string]func(*contract.Record){
		"event":     func(r *contract.Record) { r.EncodingOutput = json.RawMessage(`"` + strings.Repeat("x", 200_000) + `"`) },
		"job":       func(r *contract.Record) { r.EncodingJob = json.RawMessage(`"` + strings.Repeat("x", 200_000) + `"`) },
		"mediainfo": func(r *contract.Record) { r.SrcMediainfo = strings.Repeat(`"`, 200_000) },
		"metadata":  func(r *contract.Record) { r.Free = map[string]any{"story": strings.Repeat("ä", 200_000)} },
		"thumbnails": func(r *contract.Record) {
			r.ThumbNails, r.ThumbNailsURLs, r.ThumbNailURL = long(400), long(400), long(400)
		},
		"mp4s":     func(r *contract.Record) { r.MP4Outputs, r.MP4URLs = long(500), long(500) },
		"warnings": func(r *contract.Record) { r.Warnings = long(2000) },
	}
	everything := full()
	for name, more := range grow {
		rec := full()
		more(&rec)
		more(&everything)
		checkSizes(t, name, rec)
	}
	checkSizes(t, "everything", everything)
}

func checkSizes(t *testing.T, name string, rec contract.Record) {
	t.Helper()
	for _, body := range bodies(t, rec) {
		if len(body) > 256*1024-1024 {
			t.Errorf("%s: a message has %d bytes", name, len(body))
		}
		var fields map[string]any
		if err := json.Unmarshal([]byte(body), &fields); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if fields["guid"] != rec.GUID || fields["srcVideo"] != rec.SrcVideo {
			t.Errorf("%s: a message lost its video", name)
		}
	}
}

func TestWhatIsCutIsSaidWithAPointerToTheItem(t *testing.T) {
	rec := full()
	rec.EncodingOutput = json.RawMessage(`"` + strings.Repeat("x", 300_000) + `"`)
	result, err := contract.ResultMessage(rec)
	if err != nil {
		t.Fatal(err)
	}
	if body := result.Body; !strings.Contains(body, "encodingOutput left out of this message: it is in the table under guid "+rec.GUID) {
		t.Errorf("nothing said of the cut in %s", body)
	}
	if rec.EncodingOutput == nil || len(rec.Warnings) != 1 {
		t.Error("the cut changed the record")
	}
}

func TestARecordThatIsTooLongForTheTableIsCut(t *testing.T) {
	rec := full()
	rec.EncodingOutput = json.RawMessage(`"` + strings.Repeat("x", 200_000) + `"`)
	rec.EncodingJob = json.RawMessage(`"` + strings.Repeat("x", 200_000) + `"`)
	fit, err := contract.FitItem(rec)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(fit)
	if len(text) > 400_000 || fit.EncodingOutput != nil || fit.EncodingJob == nil || len(fit.Warnings) != 2 {
		t.Errorf("%d bytes, warnings %q", len(text), fit.Warnings)
	}
}

// identified are all messages that a record may have, by their ids.
func identified(t *testing.T, rec contract.Record) map[string]contract.Message {
	t.Helper()
	all := map[string]contract.Message{}
	for _, write := range []func(contract.Record) (contract.Message, error){contract.IngestMessage, contract.FinalMessage, contract.ResultMessage} {
		m, err := write(rec)
		if err != nil {
			t.Fatal(err)
		}
		var said struct{ MessageID string }
		if err := json.Unmarshal([]byte(m.Body), &said); err != nil || said.MessageID != m.ID || m.ID == "" {
			t.Errorf("the attribute is %q, the body has %q (%v)", m.ID, said.MessageID, err)
		}
		all[m.ID] = m
	}
	return all
}

func TestAMessageHasTheSameIDOnEverySendAndNoOtherMessageHasIt(t *testing.T) {
	redriven, other := failed(), failed()
	redriven.Redrives++
	other.GUID = "1b2d6d3c-5d2e-5a0c-8f43-1d2f3a4b5c6d"
	first := identified(t, full())
	for id := range identified(t, full()) {
		if _, same := first[id]; !same {
			t.Errorf("a repeat has another id: %s", id)
		}
	}
	ids := map[string]contract.Message{}
	for _, rec := range []contract.Record{full(), failed(), redriven, other} {
		for id, m := range identified(t, rec) {
			if known, taken := ids[id]; taken && known.Body != m.Body {
				t.Errorf("two messages have the id %s:\n%s\n%s", id, known.Body, m.Body)
			}
			ids[id] = m
		}
	}
	if len(ids) != 1+2+2+2+3 { // the Ingest message of three records is the same one
		t.Errorf("%d ids", len(ids))
	}
}
