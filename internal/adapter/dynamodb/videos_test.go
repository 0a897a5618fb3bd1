package dynamodb_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodstack/vodstack/internal/adapter/dynamodb"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/testkit/awstest"
)

func videos(t *testing.T, reply func(awstest.Call) awstest.Answer) (*awstest.Service, *dynamodb.Videos) {
	t.Helper()
	s, tbl := table(t, reply)
	return s, &dynamodb.Videos{Client: tbl.Client, Name: "videos"}
}

func answering(body string) func(awstest.Call) awstest.Answer {
	return func(awstest.Call) awstest.Answer { return awstest.Answer{Body: body} }
}

func row() contract.VideoRow {
	return contract.VideoRow{
		ID: "i", S3Key: "video/i/media.mp4", VodGUID: "g", EncodingStatus: contract.StatusComplete, Progress: new(0), Title: "Käse & <Brot>", OwnerID: "o",
		Size: 1 << 41, CreatedAt: "2026-11-23T16:00:00.000Z", MP4URLs: []string{"a", "b"}, Renditions: []contract.Rendition{{Type: "CMAF", Width: 1, Height: 2, Bitrate: 3}},
		Duration: 30160, LastMessage: json.RawMessage(`{"guid":"g","n":1.50,"list":[true,null,{}]}`),
		RowInternal: contract.RowInternal{GUIDs: []string{"g"}, PendingWork: contract.WorkUpload, DueAt: "d", ExpireAt: 7},
	}
}

func TestANewRowIsWrittenInTheTablesOwnTypes(t *testing.T) {
	s, v := videos(t, answering("{}"))
	if existing, err := v.Create(context.Background(), row()); existing != nil || err != nil {
		t.Fatal(existing, err)
	}
	golden(t, "row-create", s.Calls()[0].Body)
}

func TestARowIsSavedOnlyInThePlaceOfTheOneThatWasRead(t *testing.T) {
	s, v := videos(t, answering("{}"))
	read := row()
	read.Version = 7
	saved, err := v.Save(context.Background(), read)
	if err != nil || saved.Version != 8 || saved.OwnerStatus != "o#Complete" || saved.UpdatedAt == "" {
		t.Errorf("saved %+v, %v", saved, err)
	}
	golden(t, "row-save", strings.ReplaceAll(s.Calls()[0].Body, saved.UpdatedAt, "now"))
}

func TestARowIsReadAsItWasWritten(t *testing.T) {
	var item json.RawMessage
	_, v := videos(t, func(call awstest.Call) awstest.Answer {
		if strings.HasSuffix(call.Target, "PutItem") {
			var put struct{ Item json.RawMessage }
			if err := json.Unmarshal([]byte(call.Body), &put); err != nil {
				t.Fatal(err)
			}
			item = put.Item
			return awstest.Answer{Body: "{}"}
		}
		return awstest.Answer{Body: `{"Item":` + string(item) + `}`}
	})
	if _, err := v.Create(context.Background(), row()); err != nil {
		t.Fatal(err)
	}
	got, err := v.Get(context.Background(), "i")
	want := row().Created()
	want.LastMessage = json.RawMessage(`{"guid":"g","list":[true,null,{}],"n":1.50}`)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%+v\nwant\n%+v (%v)", got, want, err)
	}
}

// put is the item of a PutItem, as a failed condition returns it.
func put(t *testing.T, call awstest.Call) string {
	t.Helper()
	var put struct{ Item json.RawMessage }
	if err := json.Unmarshal([]byte(call.Body), &put); err != nil {
		t.Fatal(err)
	}
	return `,"Item":` + string(put.Item)
}

func TestAConditionThatFindsOurOwnRowCountsAsWritten(t *testing.T) {
	_, v := videos(t, func(call awstest.Call) awstest.Answer { return failedCondition(put(t, call)) })
	if existing, err := v.Create(context.Background(), row()); existing != nil || err != nil {
		t.Errorf("create: %v, %v", existing, err)
	}
	if saved, err := v.Save(context.Background(), row()); saved.Version != 1 || err != nil {
		t.Errorf("save: %+v, %v", saved, err)
	}
}

func TestAConditionThatFindsAnothersRowTellsSo(t *testing.T) {
	for _, item := range []string{`,"Item":{"id":{"S":"i"},"title":{"S":"another"},"version":{"N":"9"}}`, ""} {
		_, v := videos(t, func(awstest.Call) awstest.Answer { return failedCondition(item) })
		existing, err := v.Create(context.Background(), row())
		if item != "" && (err != nil || existing == nil || existing.Title != "another" || existing.Version != 9) {
			t.Errorf("existing %+v, %v", existing, err)
		}
		if item == "" && existing == nil && err == nil {
			t.Error("a row that is there, but not in the answer, counts as written")
		}
		if _, err := v.Save(context.Background(), row()); !errors.Is(err, contract.ErrRowChanged) {
			t.Errorf("save: %v", err)
		}
	}
}

func claim() contract.Claim { return contract.Claim{Key: "k", VideoID: "i", ExpireAt: 7} }

func TestAClaimIsKeptOnceForItsKey(t *testing.T) {
	s, v := videos(t, answering("{}"))
	if kept, err := v.Claim(context.Background(), claim()); kept != claim() || err != nil {
		t.Errorf("claim: %+v, %v", kept, err)
	}
	golden(t, "claim", s.Calls()[0].Body)
	_, v = videos(t, func(call awstest.Call) awstest.Answer { return failedCondition(put(t, call)) })
	if kept, err := v.Claim(context.Background(), claim()); kept.VideoID != "i" || err != nil {
		t.Errorf("our own, whose answer was lost: %+v, %v", kept, err)
	}
	const other = `"Item":{"id":{"S":"claim#k"},"videoId":{"S":"other"},"expireAt":{"N":"5"}}`
	for _, item := range []string{"," + other, ""} {
		_, v = videos(t, func(call awstest.Call) awstest.Answer {
			if strings.HasSuffix(call.Target, "GetItem") {
				return awstest.Answer{Body: "{" + other + "}"}
			}
			return failedCondition(item)
		})
		if kept, err := v.Claim(context.Background(), claim()); kept.VideoID != "other" || err != nil {
			t.Errorf("another's, %q in the answer: %+v, %v", item, kept, err)
		}
	}
}

// A claim is beside the rows, under an id that no video has.
func TestAClaimIsNobodysRow(t *testing.T) {
	_, v := videos(t, answering(`{"Item":{"id":{"S":"claim#k"},"videoId":{"S":"i"},"expireAt":{"N":"5"}}}`))
	if row, err := v.Get(context.Background(), "claim#k"); row.OwnerID != "" || row.S3Key != "" || err != nil {
		t.Errorf("row %+v, %v", row, err)
	}
}

func TestACountReadsNoMoreThanItMust(t *testing.T) {
	answers := []string{
		`{"Count":2,"LastEvaluatedKey":{"id":{"S":"2"},"ownerStatus":{"S":"o#new"},"createdAt":{"S":"c2"}}}`,
		`{"Count":3,"LastEvaluatedKey":{"id":{"S":"5"},"ownerStatus":{"S":"o#new"},"createdAt":{"S":"c5"}}}`,
	}
	calls := 0
	s, v := videos(t, func(awstest.Call) awstest.Answer { calls++; return awstest.Answer{Body: answers[calls-1]} })
	if n, err := v.Count(context.Background(), "o", contract.StatusNew, 5); n != 5 || err != nil {
		t.Errorf("counted %d, %v", n, err)
	}
	golden(t, "row-count", s.Calls()[0].Body)
	golden(t, "row-count-next", s.Calls()[1].Body)
	_, v = videos(t, answering(`{"Count":1}`))
	if n, err := v.Count(context.Background(), "o", contract.StatusNew, 5); n != 1 || err != nil {
		t.Errorf("counted %d, %v", n, err)
	}
}

func TestAListIsOneQuery(t *testing.T) {
	items := `{"id":{"S":"1"},"createdAt":{"S":"c1"},"title":{"S":"one"}},{"id":{"S":"2"},"createdAt":{"S":"c2"},"ownerStatus":{"S":"o#Error"}},{"id":{"S":"3"},"createdAt":{"S":"c3"}}`
	s, v := videos(t, answering(`{"Items":[`+items+`]}`))
	page, err := v.List(context.Background(), contract.RowQuery{OwnerID: "o", Status: contract.StatusError, Limit: 2, After: &contract.RowPosition{CreatedAt: "c0", ID: "0"}})
	want := contract.RowPage{Next: &contract.RowPosition{CreatedAt: "c2", ID: "2"}, Rows: []contract.VideoRow{
		{ID: "1", CreatedAt: "c1", Title: "one", OwnerID: "o"}, {ID: "2", CreatedAt: "c2", OwnerID: "o"},
	}}
	if err != nil || !reflect.DeepEqual(page, want) {
		t.Errorf("page is %+v, %v", page, err)
	}
	golden(t, "row-list-status", s.Calls()[0].Body)
	if _, err := v.List(context.Background(), contract.RowQuery{OwnerID: "o", Limit: 50}); err != nil {
		t.Fatal(err)
	}
	golden(t, "row-list", s.Calls()[1].Body)
	if len(s.Calls()) != 2 {
		t.Errorf("%d calls", len(s.Calls()))
	}
}

func TestAPageThatEndsEarlyHasANext(t *testing.T) {
	_, v := videos(t, answering(`{"Items":[{"id":{"S":"1"},"createdAt":{"S":"c1"}}],"LastEvaluatedKey":{"id":{"S":"1"}}}`))
	page, err := v.List(context.Background(), contract.RowQuery{OwnerID: "o", Limit: 50})
	if err != nil || page.Next == nil || *page.Next != (contract.RowPosition{CreatedAt: "c1", ID: "1"}) {
		t.Errorf("page is %+v, %v", page, err)
	}
}

func TestWhatIsDueIsAskedForByKindAndTime(t *testing.T) {
	last := `,"LastEvaluatedKey":{"pendingWork":{"S":"deletion"},"dueAt":{"S":"d2"},"id":{"S":"2"}}`
	s, v := videos(t, func(awstest.Call) awstest.Answer {
		body := `{"Items":[{"id":{"S":"1"}},{"id":{"S":"2"}}]` + last + `}`
		last = ""
		return awstest.Answer{Body: body}
	})
	var after *contract.DuePosition
	for _, next := range []*contract.DuePosition{{DueAt: "d2", ID: "2"}, nil} {
		page, err := v.Due(context.Background(), contract.WorkDeletion, "2026-11-23T16:00:00.000Z", after, 50)
		if want := (contract.DuePage{IDs: []string{"1", "2"}, Next: next}); err != nil || !reflect.DeepEqual(page, want) {
			t.Errorf("due %+v, %v", page, err)
		}
		after = page.Next
	}
	golden(t, "row-due", s.Calls()[0].Body)
	golden(t, "row-due-next", s.Calls()[1].Body)
}

func TestARowIsFoundThroughItsIndex(t *testing.T) {
	s, v := videos(t, answering(`{"Items":[{"id":{"S":"i"}}]}`))
	byKey, err := v.IDByKey(context.Background(), "video/i/media.mp4")
	byGUID, err2 := v.IDByGUID(context.Background(), "g")
	if byKey != "i" || byGUID != "i" || err != nil || err2 != nil {
		t.Errorf("found %q and %q, %v, %v", byKey, byGUID, err, err2)
	}
	golden(t, "row-by-key", s.Calls()[0].Body)
	golden(t, "row-by-guid", s.Calls()[1].Body)
}

func TestABusyVideoTableIsWorthAnotherTryInEveryCall(t *testing.T) {
	ctx := context.Background()
	busy := func(awstest.Call) awstest.Answer {
		return awstest.Answer{Status: 400, Body: `{"__type":"x#ThrottlingException","message":"slow"}`}
	}
	_, v := videos(t, busy)
	_, tbl := table(t, busy)
	h := &dynamodb.History{Client: v.Client, Name: "history"}
	for name, call := range map[string]func() error{
		"get":      func() error { _, err := v.Get(ctx, "i"); return err },
		"create":   func() error { _, err := v.Create(ctx, row()); return err },
		"save":     func() error { _, err := v.Save(ctx, row()); return err },
		"by key":   func() error { _, err := v.IDByKey(ctx, "k"); return err },
		"list":     func() error { _, err := v.List(ctx, contract.RowQuery{OwnerID: "o", Limit: 1}); return err },
		"claim":    func() error { _, err := v.Claim(ctx, claim()); return err },
		"count":    func() error { _, err := v.Count(ctx, "o", contract.StatusNew, 1); return err },
		"due":      func() error { _, err := v.Due(ctx, contract.WorkUpload, "d", nil, 1); return err },
		"add":      func() error { return h.Add(ctx, contract.RowEvent{ID: "i", At: "a"}) },
		"history":  func() error { _, err := h.List(ctx, "i", 1); return err },
		"clear":    func() error { _, err := h.Clear(ctx, "i", 1); return err },
		"summary":  func() error { _, err := tbl.Summary(ctx, "g"); return err },
		"deletion": func() error { return tbl.Delete(ctx, "g") },
	} {
		if err := call(); !errors.Is(err, contract.ErrThrottled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAMessageIsKeptOnceInTheHistory(t *testing.T) {
	s, v := videos(t, func(awstest.Call) awstest.Answer { return failedCondition("") })
	h := &dynamodb.History{Client: v.Client, Name: "history"}
	event := contract.RowEvent{ID: "i", At: "t#g#1", GUID: "g", Status: contract.StatusIngest, ReceivedAt: "r", Message: json.RawMessage(`{"a":1}`)}
	if err := h.Add(context.Background(), event); err != nil {
		t.Fatal(err)
	}
	golden(t, "event-add", s.Calls()[0].Body)
}

// clearing is a history of two messages of which the first few writes leave
// the second one unprocessed.
func clearing(t *testing.T, left int) (*awstest.Service, *dynamodb.History) {
	s, v := videos(t, func(call awstest.Call) awstest.Answer {
		switch left--; {
		case strings.HasSuffix(call.Target, "Query"):
			left++
			return awstest.Answer{Body: `{"Items":[{"id":{"S":"i"},"at":{"S":"1"}},{"id":{"S":"i"},"at":{"S":"2"}}]}`}
		case left >= 0:
			return awstest.Answer{Body: `{"UnprocessedItems":{"history":[{"DeleteRequest":{"Key":{"id":{"S":"i"},"at":{"S":"2"}}}}]}}`}
		}
		return awstest.Answer{Body: `{"UnprocessedItems":{}}`}
	})
	return s, &dynamodb.History{Client: v.Client, Name: "history"}
}

func TestAHistoryIsClearedInBatches(t *testing.T) {
	s, h := clearing(t, 0)
	if more, err := h.Clear(context.Background(), "i", 100); more || err != nil {
		t.Errorf("more %v (%v)", more, err)
	}
	golden(t, "event-find", s.Calls()[0].Body)
	golden(t, "event-clear", s.Calls()[1].Body)
}

func TestWhatABatchLeavesOverIsWrittenAgainWithGrowingPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h := clearing(t, 3)
		began := time.Now()
		if more, err := h.Clear(context.Background(), "i", 100); more || err != nil {
			t.Errorf("more %v (%v)", more, err)
		}
		if took := time.Since(began); took == 0 || took > 7*time.Second {
			t.Errorf("took %s", took)
		}
		calls := s.Calls()
		if len(calls) != 5 || strings.Contains(calls[4].Body, `"S":"1"`) || !strings.Contains(calls[4].Body, `"S":"2"`) {
			t.Errorf("%d calls: %+v", len(calls), calls)
		}
	})
}

func TestABatchThatIsNeverDoneIsGivenUpAsThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h := clearing(t, 1000)
		if _, err := h.Clear(context.Background(), "i", 100); !errors.Is(err, contract.ErrThrottled) || len(s.Calls()) != 5 {
			t.Errorf("error is %v after %d calls", err, len(s.Calls()))
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		if _, err := h.Clear(ctx, "i", 100); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("out of time: %v", err)
		}
	})
}

func TestASummaryIsThePartOfARecordThatARowNeeds(t *testing.T) {
	s, tbl := table(t, answering(`{"Item":{"guid":{"S":"g"},"workflowStatus":{"S":"Complete"},"encodingOutput":{"M":{"a":{"N":"1"}}}}}`))
	rec, err := tbl.Summary(context.Background(), "g")
	if err != nil || rec.GUID != "g" || string(rec.EncodingOutput) != `{"a":1}` {
		t.Errorf("summary %+v, %v", rec, err)
	}
	golden(t, "summary", s.Calls()[0].Body)
	_, tbl = table(t, answering(`{}`))
	if _, err := tbl.Summary(context.Background(), "g"); !errors.Is(err, contract.ErrUnknownVideo) {
		t.Errorf("error is %v", err)
	}
}
