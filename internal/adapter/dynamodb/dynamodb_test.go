package dynamodb_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/vodstack/vodstack/internal/adapter/dynamodb"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/testkit"
	"github.com/vodstack/vodstack/internal/testkit/awstest"
)

func table(t *testing.T, reply func(awstest.Call) awstest.Answer) (*awstest.Service, *dynamodb.Table) {
	t.Helper()
	s := &awstest.Service{Reply: reply}
	return s, &dynamodb.Table{Client: awsdynamodb.NewFromConfig(s.Config(t)), Name: "videos"}
}

// golden compares a request's body with a file, its members in the order of
// their names.
func golden(t *testing.T, name, body string) {
	t.Helper()
	var members any
	if err := json.Unmarshal([]byte(body), &members); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.MarshalIndent(members, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/"+name+".json", string(sorted)+"\n")
}

func TestARecordIsWrittenInTheTablesOwnTypes(t *testing.T) {
	s, tbl := table(t, func(awstest.Call) awstest.Answer { return awstest.Answer{Body: "{}"} })
	_, err := tbl.Create(context.Background(), contract.Record{
		Core: contract.Core{
			GUID: "g", WorkflowStatus: contract.StatusIngest, FrameCapture: new(true), EnableSns: new(false), Progress: new(0),
			SrcWidth: 1920, Outputs: contract.Outputs{MP4URLs: []string{"a", "b"}},
		},
		Heavy: contract.Heavy{SrcMediainfo: `{"filename":"a"}`, EncodingJob: json.RawMessage(`{"Role":"r","Settings":{"Inputs":[{"Rate":1.5}]}}`)},
		Free:  map[string]any{"title": "Käse & <Brot>", "nothing": nil, "size": json.Number("1e3")},
	})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "put", s.Calls()[0].Body)
}

func TestARecordIsReadAsItWasWritten(t *testing.T) {
	written := contract.Record{
		Core: contract.Core{
			GUID: "g", WorkflowStatus: contract.StatusComplete, FrameCapture: new(false), EnableSns: new(true), Progress: new(0),
			SrcWidth: 1920, Outputs: contract.Outputs{MP4URLs: []string{"a", "b"}}, Warnings: []string{"<&>"},
		},
		Heavy: contract.Heavy{
			SrcMediainfo: `{"filename":"a"}`, EncodingJob: json.RawMessage(`{"Role":"r","Settings":{"Inputs":[{"Rate":1.5,"Tags":[]}]}}`),
			EncodingOutput: json.RawMessage(`{"detail":{"a":"<&>","b":null,"c":true}}`),
		},
		Internal: contract.Internal{SrcSize: 1 << 40, JobEvent: json.RawMessage(`"text"`), Redrives: 2},
		Free: map[string]any{
			"title": "Käse & <Brot>", "nothing": nil, "size": json.Number("1e3"), "tags": []any{"a", map[string]any{"b": true}},
		},
	}
	var item string
	_, tbl := table(t, func(call awstest.Call) awstest.Answer {
		var put struct{ Item json.RawMessage }
		if err := json.Unmarshal([]byte(call.Body), &put); err != nil {
			t.Error(err)
		}
		if put.Item != nil {
			item = string(put.Item)
		}
		return awstest.Answer{Body: `{"Item":` + item + `}`}
	})
	if _, err := tbl.Create(context.Background(), written); err != nil {
		t.Fatal(err)
	}
	for _, lookalike := range []string{"", `"SRCVIDEO":{"S":"evil"},"ſrcVideo":{"S":"evil"},"taskToken":{"S":"secret"},`} {
		item = "{" + lookalike + item[1:]
		read, err := tbl.Get(context.Background(), "g")
		if err != nil || !reflect.DeepEqual(read, written) {
			t.Errorf("wrote %+v,\nread  %+v (%v)", written, read, err)
		}
	}
}

func TestAChangeIsWrittenWithAllItsConditions(t *testing.T) {
	s, tbl := table(t, func(awstest.Call) awstest.Answer {
		return awstest.Answer{Body: `{"Attributes":{"guid":{"S":"g"},"progress":{"N":"30"},"srcETag":{"S":"t"}}}`}
	})
	rec, done, err := tbl.Update(context.Background(), "g", contract.Change{
		Set:    contract.Record{Core: contract.Core{Progress: new(30)}},
		Once:   contract.Record{Core: contract.Core{EncodeJobID: "j"}, Internal: contract.Internal{JobSubmittedAt: "now"}},
		Remove: []string{"endTime"},
		If: []contract.Condition{
			contract.InIngest, {Field: "encodeJobId", Op: contract.AbsentOrEquals, Value: "j"},
			{Field: "progress", Op: contract.AbsentOrLess, Value: 30}, {Field: "jobEvent", Op: contract.Absent},
		},
	})
	if err != nil || !done || *rec.Progress != 30 || rec.SrcETag != "t" {
		t.Errorf("record %+v, done %v, %v", rec, done, err)
	}
	golden(t, "update", s.Calls()[0].Body)
}

func TestARecordThatNobodyReadsIsNotSentBack(t *testing.T) {
	s, tbl := table(t, func(awstest.Call) awstest.Answer { return awstest.Answer{Body: "{}"} })
	change := contract.Change{Set: contract.Record{Core: contract.Core{Progress: new(30)}}, Unread: true}
	rec, done, err := tbl.Update(context.Background(), "g", change)
	if err != nil || !done || rec.Progress != nil {
		t.Errorf("record %+v, done %v, %v", rec, done, err)
	}
	var request struct{ ReturnValues, ReturnValuesOnConditionCheckFailure string }
	if err := json.Unmarshal([]byte(s.Calls()[0].Body), &request); err != nil || request.ReturnValues != "NONE" || request.ReturnValuesOnConditionCheckFailure != "ALL_OLD" {
		t.Errorf("the request asks for %+v, %v", request, err)
	}
}

func failedCondition(item string) awstest.Answer {
	return awstest.Answer{Status: 400, Body: `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"no"` + item + `}`}
}

func TestAFailedConditionBringsTheRecordThatStands(t *testing.T) {
	_, tbl := table(t, func(awstest.Call) awstest.Answer {
		return failedCondition(`,"Item":{"guid":{"S":"g"},"workflowStatus":{"S":"Complete"}}`)
	})
	rec, done, err := tbl.Update(context.Background(), "g", contract.Change{If: []contract.Condition{contract.InIngest}})
	if err != nil || done || rec.WorkflowStatus != contract.StatusComplete {
		t.Errorf("record %+v, done %v, %v", rec, done, err)
	}
	existing, err := tbl.Create(context.Background(), contract.Record{Core: contract.Core{GUID: "g"}})
	if err != nil || existing == nil || existing.WorkflowStatus != contract.StatusComplete {
		t.Errorf("existing %+v, %v", existing, err)
	}
}

func TestAFailedConditionWithoutTheRecordIsLookedUp(t *testing.T) {
	_, tbl := table(t, func(call awstest.Call) awstest.Answer {
		if call.Target == "DynamoDB_20120810.GetItem" {
			return awstest.Answer{Body: "{}"}
		}
		return failedCondition("")
	})
	if _, _, err := tbl.Update(context.Background(), "g", contract.Change{}); !errors.Is(err, contract.ErrUnknownVideo) {
		t.Errorf("error is %v", err)
	}
}

func TestAnAwaitWhoseAnswerWasLostDoesNotTakeItsOwnWordForAnEarlierCalls(t *testing.T) {
	for name, c := range map[string]struct{ attributes, since string }{
		"its own":          {`{"guid":{"S":"g"},"taskToken":{"S":"t"},"submittingSince":{"S":"now"}}`, ""},
		"an earlier one's": {`{"guid":{"S":"g"},"taskToken":{"S":"t"},"submittingSince":{"S":"before"}}`, "before"},
		"another task's":   {`{"guid":{"S":"g"},"taskToken":{"S":"t0"},"submittingSince":{"S":"now"}}`, "now"},
	} {
		_, tbl := table(t, func(awstest.Call) awstest.Answer { return awstest.Answer{Body: `{"Attributes":` + c.attributes + `}`} })
		before, err := (&dynamodb.RunningJobs{Client: tbl.Client, Name: "jobs"}).Await(context.Background(), "g", "t", "now")
		if err != nil || before.SubmittingSince != c.since {
			t.Errorf("%s: %+v, %v", name, before, err)
		}
	}
}

func TestABusyTableIsWorthAnotherTry(t *testing.T) {
	_, tbl := table(t, func(awstest.Call) awstest.Answer {
		return awstest.Answer{Status: 400, Body: `{"__type":"x#ProvisionedThroughputExceededException","message":"slow"}`}
	})
	if _, err := tbl.Get(context.Background(), "g"); !errors.Is(err, contract.ErrThrottled) {
		t.Errorf("error is %v", err)
	}
}

func TestAnItemOfOtherPeoplesTypesIsAnErrorNotAPanic(t *testing.T) {
	_, tbl := table(t, func(awstest.Call) awstest.Answer {
		return awstest.Answer{Body: `{"Item":{"guid":{"S":"g"},"odd":{"SS":["a"]}}}`}
	})
	if _, err := tbl.Get(context.Background(), "g"); err == nil {
		t.Error("no error")
	}
}
