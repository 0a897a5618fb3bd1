package dynamodb_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/adapter/dynamodb"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/local/controlplane"
	"github.com/vodstack/vodstack/internal/testkit"
)

// service is the DynamoDB that VOD_TEST_DYNAMODB names by its URL; without
// it, the control plane's.
func service(t *testing.T) *awsdynamodb.Client {
	t.Helper()
	url, client := os.Getenv("VOD_TEST_DYNAMODB"), http.DefaultClient
	if url == "" {
		url, client = machine(t)
	}
	return awsdynamodb.New(awsdynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: &url, HTTPClient: client,
		Credentials: credentials.NewStaticCredentialsProvider("000000000000", "test", ""), // dummies
	})
}

// machine is a control plane: its address and what reaches it there.
func machine(t *testing.T) (string, *http.Client) {
	t.Helper()
	python := os.Getenv("VOD_PYTHON")
	if python == "" {
		python, _ = filepath.Abs("../../../.tools/venv/bin/python")
	}
	if err := controlplane.CheckInstalled(python); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	dir := t.TempDir()
	plane := &controlplane.Server{
		Address: l.Addr().String(), Python: python, Dir: dir, Region: "eu-central-1", SecretKey: "test",
		LogFile: filepath.Join(dir, "log"), Log: slog.New(slog.DiscardHandler),
	}
	if err := plane.Initialize(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(plane.Close)
	return "http://" + plane.Address, plane.Client()
}

// makeTable makes a table with the keys and indexes that the stack's template
// gives it, under a name of its own, for the time of the test.
func makeTable(t *testing.T, client *awsdynamodb.Client, resource string) (name string) {
	t.Helper()
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties json.RawMessage // of each resource in its own shape
		}
	}
	text, err := os.ReadFile("../../../infra/vodstack/testdata/template.golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	made := template.Resources[resource]
	if made.Type != "AWS::DynamoDB::Table" {
		t.Fatalf("the template's %s is a %q", resource, made.Type)
	}
	var properties struct { // as CloudFormation and the API name them alike
		AttributeDefinitions   []types.AttributeDefinition
		KeySchema              []types.KeySchemaElement
		GlobalSecondaryIndexes []types.GlobalSecondaryIndex
		BillingMode            types.BillingMode
	}
	if err := json.Unmarshal(made.Properties, &properties); err != nil {
		t.Fatal(err)
	}
	name = "test-" + strings.ToLower(resource) + "-" + uuid.NewString()
	_, err = client.CreateTable(t.Context(), &awsdynamodb.CreateTableInput{
		TableName: &name, AttributeDefinitions: properties.AttributeDefinitions, KeySchema: properties.KeySchema,
		GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes, BillingMode: properties.BillingMode,
	})
	var exists *types.ResourceInUseException
	if err != nil && !errors.As(err, &exists) { // by an earlier try of the SDK, whose answer was late
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := client.DeleteTable(context.Background(), &awsdynamodb.DeleteTableInput{TableName: &name}); err != nil {
			t.Errorf("delete table %s: %v", name, err)
		}
	})
	ready := awsdynamodb.NewTableExistsWaiter(client, func(o *awsdynamodb.TableExistsWaiterOptions) { o.MinDelay = 100 * time.Millisecond })
	if err := ready.Wait(t.Context(), &awsdynamodb.DescribeTableInput{TableName: &name}, time.Minute); err != nil {
		t.Fatal(err)
	}
	return name
}

// test/README.md says how to run this against another DynamoDB.
func TestTheTablesDoWhatTheirUsersCountOn(t *testing.T) {
	client := service(t)
	videos := &dynamodb.Videos{Client: client, Name: makeTable(t, client, "VideoTable")}
	history := &dynamodb.History{Client: client, Name: makeTable(t, client, "VideoHistoryTable")}
	tracking := &dynamodb.Table{Client: client, Name: makeTable(t, client, "TrackingTable")}
	t.Run("rows", func(t *testing.T) { testkit.CheckVideos(t, videos) })
	t.Run("history", func(t *testing.T) { testkit.CheckHistory(t, history) })
	t.Run("records", func(t *testing.T) { records(t, tracking) })
	running := &dynamodb.RunningJobs{Client: client, Name: makeTable(t, client, "RunningJobTable")}
	t.Run("running jobs", func(t *testing.T) { testkit.CheckRunningJobs(t, running) })
	t.Run("records of a bucket", func(t *testing.T) { recordsOfABucket(t, tracking) })
	t.Run("a message of any shape is kept", func(t *testing.T) { oddMessages(t, videos) })
}

// recordsOfABucket are found by the index that the contract promises to other
// applications.
func recordsOfABucket(t *testing.T, table *dynamodb.Table) {
	bucket := "bucket-" + uuid.NewString()
	for _, start := range []string{"2026-11-23T16:00:02.000Z", "2026-11-23T16:00:01.000Z"} {
		rec := contract.Record{Core: contract.Core{GUID: uuid.NewString(), SrcBucket: bucket, StartTime: start, WorkflowName: "all of it"}}
		if _, err := table.Create(t.Context(), rec); err != nil {
			t.Fatal(err)
		}
	}
	var starts []string
	for wait := range 50 { // an index follows its table
		out, err := table.Client.Query(t.Context(), &awsdynamodb.QueryInput{
			TableName: &table.Name, IndexName: aws.String("srcBucket-startTime-index"), KeyConditionExpression: aws.String("srcBucket = :b"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":b": &types.AttributeValueMemberS{Value: bucket}},
		})
		if err != nil {
			t.Fatal(err)
		}
		starts = nil
		for _, item := range out.Items {
			starts = append(starts, item["startTime"].(*types.AttributeValueMemberS).Value+" "+item["workflowName"].(*types.AttributeValueMemberS).Value)
		}
		if len(starts) == 2 {
			break
		}
		time.Sleep(time.Duration(wait) * 10 * time.Millisecond)
	}
	if !slices.Equal(starts, []string{"2026-11-23T16:00:01.000Z all of it", "2026-11-23T16:00:02.000Z all of it"}) {
		t.Errorf("records are %q", starts)
	}
}

// records are read in part, and removed once or more often.
func records(t *testing.T, table *dynamodb.Table) {
	testkit.CheckRecords(t, table)
	ctx := context.Background()
	rec := contract.Record{
		Core:  contract.Core{GUID: "g", StartTime: "s", WorkflowStatus: contract.StatusComplete, SrcWidth: 7, WorkflowName: "left out"},
		Heavy: contract.Heavy{SrcMediainfo: "{}", EncodingOutput: json.RawMessage(`{"detail":{"status":"COMPLETE"}}`), EncodingJob: json.RawMessage(`{"left":"out"}`)},
		Free:  map[string]any{"left": "out"},
	}
	if _, err := table.Create(ctx, rec); err != nil {
		t.Fatal(err)
	}
	got, err := table.Summary(ctx, "g")
	rec.WorkflowName, rec.EncodingJob, rec.Free = "", nil, nil
	if err != nil || jsonText(got) != jsonText(rec) {
		t.Errorf("summary is %s, want %s (%v)", jsonText(got), jsonText(rec), err)
	}
	for range 2 {
		if err := table.Delete(ctx, "g"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := table.Summary(ctx, "g"); !errors.Is(err, contract.ErrUnknownVideo) {
		t.Errorf("a removed record: %v", err)
	}
}

// oddMessages are JSON that DynamoDB has no map for.
func oddMessages(t *testing.T, videos *dynamodb.Videos) {
	for _, message := range []string{
		`{"n":1e400}`, `{"n":123456789012345678901234567890123456789012}`, `{"":1}`, `[1]`, `"text"`, `null`,
		`{"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`,
		`{"a":` + strings.Repeat("[", 30) + strings.Repeat("]", 30) + `}`,
		`{"n":1e-130,"m":-0.0}`, `{"long":"` + strings.Repeat("x", 100_000) + `"}`,
	} {
		row := contract.VideoRow{ID: "odd", CreatedAt: "c", LastMessage: json.RawMessage(message)}
		row.ID += message[:min(len(message), 50)]
		if _, err := videos.Create(context.Background(), row); err != nil {
			t.Errorf("%.60s: %v", message, err)
			continue
		}
		read, err := videos.Get(context.Background(), row.ID)
		if err != nil || !sameJSON(t, read.LastMessage, row.LastMessage) {
			t.Errorf("%.60s is read as %.60s (%v)", message, read.LastMessage, err)
		}
	}
}

// sameJSON compares two texts; a number may be written in another way.
func sameJSON(t *testing.T, a, b json.RawMessage) bool {
	t.Helper()
	if string(a) == string(b) {
		return true
	}
	var left, right any
	return json.Unmarshal(a, &left) == nil && json.Unmarshal(b, &right) == nil && jsonText(left) == jsonText(right)
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}
