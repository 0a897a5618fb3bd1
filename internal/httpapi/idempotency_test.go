package httpapi_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
)

const encodeBody = `{"options":{"inputRotate":"DEGREES_90"}}`

// encodeOnce asks for an encode under an Idempotency-Key.
func (w *world) encodeOnce(id, key, body string) answer {
	return w.as(alice, "POST", "/videos/"+id+"/encode", body, "Idempotency-Key", key)
}

func TestARepeatedEncodeRequestStartsOneEncodeWheneverItComes(t *testing.T) {
	w := newWorld(t)
	id := w.uploaded()
	var first, again videoBody
	w.encodeOnce(id, "k", encodeBody).into(t, 202, &first)
	w.encodeOnce(id, "k", strings.ReplaceAll(encodeBody, ":", " : ")).into(t, 202, &again)
	if text(again) != text(first) {
		t.Errorf("during the encode the answer is %+v, was %+v", again, first)
	}
	for _, status := range []contract.Status{contract.StatusComplete, contract.StatusError} {
		w.change(id, func(row *contract.VideoRow) { row.EncodingStatus = status })
		w.encodeOnce(id, "k", encodeBody).into(t, 202, &again)
		if again.Video.EncodingStatus != status || again.Video.VodGUID != first.Video.VodGUID {
			t.Errorf("after %s the answer is %+v", status, again.Video)
		}
	}
	w.encodeOnce(id, "another", encodeBody).into(t, 202, &again)
	w.change(id, func(row *contract.VideoRow) { row.EncodingStatus = contract.StatusComplete })
	w.encodeOnce(id, "k", encodeBody).into(t, 202, &again)
	if row := w.rows.Row(id); row.Encodes != 2 || len(w.started.started) != 2 {
		t.Errorf("%d encodes, %d started; want one for each key", row.Encodes, len(w.started.started))
	}
}

func TestAnEncodeRequestWhoseAnswerIsLostStartsOneEncode(t *testing.T) {
	w := newWorld(t)
	id := w.uploaded()
	w.rows.After = func(op, _ string) error {
		if op == "save" {
			return contract.ErrUnavailable
		}
		return nil
	}
	w.encodeOnce(id, "k", "").problem(t, contract.CodeUnavailable, "")
	w.rows.After = nil
	w.change(id, func(row *contract.VideoRow) { // sweep has started it, and it has ended
		row.EncodingStatus, row.PendingWork, row.DueAt = contract.StatusComplete, "", ""
	})
	var done videoBody
	w.encodeOnce(id, "k", "").into(t, 202, &done)
	if row := w.rows.Row(id); row.Encodes != 1 || len(w.started.started) != 0 {
		t.Errorf("%d encodes, %v started", row.Encodes, w.started.started)
	}
}

func TestOneEncodeRequestSentManyTimesAtOnceStartsOneEncode(t *testing.T) {
	w := newWorld(t)
	id := w.uploaded()
	var wg sync.WaitGroup
	guids := make([]string, 8)
	for i := range guids {
		wg.Go(func() {
			var done videoBody
			w.encodeOnce(id, "k", "{}").into(t, 202, &done)
			guids[i] = done.Video.VodGUID
		})
	}
	wg.Wait()
	for _, guid := range guids {
		if guid != guids[0] {
			t.Errorf("encodes are %v", guids)
		}
	}
	if len(w.started.started) != 1 {
		t.Errorf("%d encodes were started", len(w.started.started))
	}
}

func TestAKeyOfAVideoIsForOneBodyOfOneOperation(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 17*mib)
	id := made.Video.ID
	parts := w.send(made.Upload.Parts, 16*mib, mib)
	complete := func(body string) answer {
		return w.as(alice, "POST", "/videos/"+id+"/upload/complete", body, "Idempotency-Key", "k")
	}
	var done videoBody
	complete(text(map[string]any{"parts": parts})).into(t, 200, &done)
	complete("").problem(t, contract.CodeIdempotencyKeyReused, "Idempotency-Key")
	complete(`{"parts":[]}`).problem(t, contract.CodeIdempotencyKeyReused, "Idempotency-Key")
	w.encoded(id)
	complete(text(map[string]any{"parts": parts})).into(t, 200, &done)
	w.encodeOnce(id, "k", encodeBody).into(t, 202, &done)
	for _, body := range []string{"", "{}", `{"options":{}}`, `{"options":{"inputRotate":"AUTO"}}`} {
		w.encodeOnce(id, "k", body).problem(t, contract.CodeIdempotencyKeyReused, "Idempotency-Key")
	}
	for _, key := range []string{"", strings.Repeat("k", 256), "ä"} {
		w.encodeOnce(id, key, "").problem(t, contract.CodeRequestInvalid, "Idempotency-Key")
	}
}

func TestARequestThatIsRefusedLeavesItsKeyFree(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 5)
	id := made.Video.ID
	complete := func() answer {
		return w.as(alice, "POST", "/videos/"+id+"/upload/complete", "", "Idempotency-Key", "c")
	}
	complete().problem(t, contract.CodeUploadMissing, "")
	w.encodeOnce(id, "k", "").problem(t, contract.CodeUploadMissing, "")
	w.upload(made)
	var done videoBody
	complete().into(t, 200, &done)
	w.encodeOnce(id, "k", encodeBody).problem(t, contract.CodeVideoBusy, "")
	w.encoded(id)
	w.encodeOnce(id, "k", encodeBody).into(t, 202, &done)
}

func TestARepeatedCompletionIsDoneWhateverHasBecomeOfTheUpload(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 17*mib)
	id := made.Video.ID
	w.send(made.Upload.Parts, 16*mib, mib)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if got := w.as(alice, "POST", "/videos/"+id+"/upload/complete", "", "Idempotency-Key", "k"); got.status != 200 {
				t.Errorf("%d: %s", got.status, got.text)
			}
		})
	}
	wg.Wait()
	w.uploads.calls = nil
	if got := w.as(alice, "POST", "/videos/"+id+"/upload/complete", "", "Idempotency-Key", "k"); got.status != 200 || len(w.uploads.calls) != 0 {
		t.Errorf("%d after %v: %s", got.status, w.uploads.calls, got.text)
	}
	if row := w.rows.Row(id); len(row.Requests) != 1 {
		t.Errorf("remembered are %v", row.Requests)
	}
}

func TestARowRemembersEveryEncodeRequestAndAFewCompletions(t *testing.T) {
	w := newWorld(t)
	id := w.uploaded()
	var done videoBody
	w.encodeOnce(id, "the-first", "").into(t, 202, &done)
	w.change(id, func(row *contract.VideoRow) {
		row.EncodingStatus = contract.StatusComplete
		for n := range 98 {
			row.Encodes++
			row.Requests = append(row.Requests, contract.RowRequest{Key: strings.Repeat("k", 32), Body: strings.Repeat("b", 32), GUID: fmt.Sprintf("%036d", n)})
		}
	})
	for n := range 50 {
		w.as(alice, "POST", "/videos/"+id+"/upload/complete", "", "Idempotency-Key", fmt.Sprint("completion ", n)[11:]).into(t, 200, &done)
	}
	w.encodeOnce(id, "the-last", "").into(t, 202, &done)
	w.change(id, func(row *contract.VideoRow) { row.EncodingStatus = contract.StatusComplete })
	w.encodeOnce(id, "the-last", "").into(t, 202, &done)
	w.encodeOnce(id, "one-more", "").problem(t, contract.CodeEncodeLimit, "")
	row := w.rows.Row(id)
	if size := len(text(row.Requests)); len(row.Requests) != 120 || size > 20<<10 {
		t.Errorf("%d requests are remembered in %d bytes", len(row.Requests), size)
	}
}
