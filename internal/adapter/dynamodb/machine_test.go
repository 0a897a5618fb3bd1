package dynamodb_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vodstack/vodstack/internal/adapter/dynamodb"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/local/controlplane"
	"github.com/vodstack/vodstack/internal/testkit"
)

// machine is the control plane's DynamoDB: one that others have written.
func machine(t *testing.T) *awsdynamodb.Client {
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
	return awsdynamodb.New(awsdynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String("http://" + plane.Address),
		Credentials: credentials.NewStaticCredentialsProvider("000000000000", "test", ""),
	})
}

// index is an index as the stack has it.
func index(name string, projection types.Projection) types.GlobalSecondaryIndex {
	keys := strings.Split(strings.TrimSuffix(name, "-index"), "-")
	schema := []types.KeySchemaElement{{AttributeName: &keys[0], KeyType: types.KeyTypeHash}}
	if len(keys) == 2 {
		schema = append(schema, types.KeySchemaElement{AttributeName: &keys[1], KeyType: types.KeyTypeRange})
	}
	return types.GlobalSecondaryIndex{IndexName: &name, KeySchema: schema, Projection: &projection}
}

func makeTable(t *testing.T, client *awsdynamodb.Client, name string, keys []string, indexes ...types.GlobalSecondaryIndex) {
	t.Helper()
	input := &awsdynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest, GlobalSecondaryIndexes: indexes}
	texts := map[string]bool{}
	for i, key := range keys {
		kind := []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}[i]
		input.KeySchema = append(input.KeySchema, types.KeySchemaElement{AttributeName: &key, KeyType: kind})
		texts[key] = true
	}
	for _, index := range indexes {
		for _, key := range index.KeySchema {
			texts[*key.AttributeName] = true
		}
	}
	for text := range texts {
		input.AttributeDefinitions = append(input.AttributeDefinitions, types.AttributeDefinition{AttributeName: &text, AttributeType: types.ScalarAttributeTypeS})
	}
	if _, err := client.CreateTable(context.Background(), input); err != nil {
		t.Fatal(err)
	}
}

func TestTheVideoTableOnOneMachineDoesWhatItsUsersCountOn(t *testing.T) {
	client := machine(t)
	keysOnly := types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
	list := types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: contract.RowListed}
	makeTable(t, client, "videos", []string{"id"},
		index(contract.IndexKey, keysOnly), index(contract.IndexGUID, keysOnly), index(contract.IndexWork, keysOnly),
		index(contract.IndexOwner, list), index(contract.IndexOwnerStatus, list))
	makeTable(t, client, "history", []string{"id", "at"})
	makeTable(t, client, "records", []string{"guid"})
	makeTable(t, client, "running", []string{"guid"})
	videos := &dynamodb.Videos{Client: client, Name: "videos"}
	t.Run("rows", func(t *testing.T) { testkit.CheckVideos(t, videos) })
	t.Run("history", func(t *testing.T) { testkit.CheckHistory(t, &dynamodb.History{Client: client, Name: "history"}) })
	t.Run("records", func(t *testing.T) { records(t, &dynamodb.Table{Client: client, Name: "records"}) })
	t.Run("running jobs", func(t *testing.T) {
		testkit.CheckRunningJobs(t, &dynamodb.RunningJobs{Client: client, Name: "running"})
	})
	t.Run("a message of any shape is kept", func(t *testing.T) { oddMessages(t, videos) })
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
