package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/inbox"
	"github.com/vodstack/vodstack/internal/library"
	"github.com/vodstack/vodstack/test/rig"
)

const (
	eventVideos  = 1000
	eventBatch   = 10 // as the event source mapping hands them over
	eventSeconds = 3
	eventTarget  = 20_000 // messages a second
)

// events measures the function videoevents without its services: from the
// batch that Lambda hands over to the rows, on one core. Tables and queues are
// maps. Time is the processor's, so that a busy machine changes little.
func events(ctx context.Context, b *bench) error {
	record, err := goldenRecord()
	if err != nil {
		return err
	}
	batches, rows, err := manyMessages(record)
	if err != nil {
		return err
	}
	say("%d s of messages through videoevents", 2*eventSeconds)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	handler := &library.Events{
		DeliveryBase: "https://" + record.CloudFront,
		Rows:         rows, Records: oneRecord{record}, History: rows, Aside: rows, Work: rows,
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	decoded := make([]inbox.Batch, len(batches))
	decode := func(i int) (inbox.Batch, error) {
		var batch inbox.Batch
		err := json.Unmarshal(batches[i], &batch)
		return batch, err
	}
	for i := range batches {
		if decoded[i], err = decode(i); err != nil {
			return err
		}
	}
	pure, err := rate(ctx, handler, rows, len(batches), func(i int) (inbox.Batch, error) { return decoded[i], nil })
	if err != nil {
		return err
	}
	whole, err := rate(ctx, handler, rows, len(batches), decode)
	if err != nil {
		return err
	}
	b.report.promise("videoevents: messages a second of one core's time, pure code", fmt.Sprintf("%.0f", pure), "≥ 20,000", pure >= eventTarget)
	b.report.add("  with the decoding of Lambda's event by encoding/json", fmt.Sprintf("%.0f", whole))
	return nil
}

// rate is how many messages are taken in a second of processor time.
func rate(ctx context.Context, handler *library.Events, rows *memory, batches int, next func(i int) (inbox.Batch, error)) (float64, error) {
	taken := 0
	began, used := time.Now(), processorTime()
	for i := 0; time.Since(began) < eventSeconds*time.Second; i++ {
		if i%batches == 0 {
			rows.begin()
		}
		batch, err := next(i % batches)
		if err != nil {
			return 0, err
		}
		failures, err := handler.Handle(ctx, batch)
		if err != nil || len(failures.BatchItemFailures) > 0 {
			return 0, fmt.Errorf("%d messages failed: %w", len(failures.BatchItemFailures), err)
		}
		taken += len(batch.Records)
	}
	if rows.aside > 0 || rows.complete() == 0 {
		return 0, fmt.Errorf("%d messages were kept aside, %d rows are Complete", rows.aside, rows.complete())
	}
	return float64(taken) / (processorTime() - used).Seconds(), nil
}

// processorTime is what this process has taken so far.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// goldenRecord is the finished record that the contract's own tests use.
func goldenRecord() (contract.Record, error) {
	var record contract.Record
	root, err := rig.Root()
	if err != nil {
		return record, err
	}
	text, err := os.ReadFile(filepath.Join(root, "internal", "contract", "testdata", "record.json"))
	if err != nil {
		return record, err
	}
	err = json.Unmarshal(text, &record)
	return record, err
}

// manyMessages are the Ingest and Complete messages of many videos, in the
// batches that the queue would hand over, and the table with their rows.
func manyMessages(record contract.Record) (batches [][]byte, rows *memory, err error) {
	rows = &memory{created: map[string]contract.VideoRow{}}
	var bodies []string
	for i := range eventVideos {
		id := fmt.Sprintf("00000000-0000-4000-8000-%012d", i)
		record.GUID, record.SrcVideo = fmt.Sprintf("00000000-0000-5000-8000-%012d", i), contract.SourceKey(id, "mp4")
		rows.created[id] = contract.VideoRow{ID: id, S3Key: record.SrcVideo, EncodingStatus: contract.StatusNew, OwnerID: "bench"}.Created()
		ingest, err := contract.IngestMessage(record)
		if err != nil {
			return nil, nil, err
		}
		final, err := contract.FinalMessage(record)
		if err != nil {
			return nil, nil, err
		}
		bodies = append(bodies, ingest.Body, final.Body)
	}
	type message struct {
		MessageID string `json:"messageId"`
		Body      string `json:"body"`
	}
	for from := 0; from < len(bodies); from += eventBatch {
		var batch struct{ Records []message }
		for i, body := range bodies[from : from+eventBatch] {
			batch.Records = append(batch.Records, message{fmt.Sprint(from + i), body})
		}
		text, err := json.Marshal(batch)
		if err != nil {
			return nil, nil, err
		}
		batches = append(batches, text)
	}
	return batches, rows, nil
}

// memory is the tables and queues, as maps and counters.
type memory struct {
	created, rows map[string]contract.VideoRow
	aside         int
}

// begin puts every row back to what it was before any message.
func (m *memory) begin() {
	m.rows = make(map[string]contract.VideoRow, len(m.created))
	for id, row := range m.created {
		m.rows[id] = row
	}
}

func (m *memory) complete() (n int) {
	for _, row := range m.rows {
		if row.EncodingStatus == contract.StatusComplete {
			n++
		}
	}
	return n
}

// Get reads a row.
func (m *memory) Get(_ context.Context, id string) (contract.VideoRow, error) {
	row, ok := m.rows[id]
	if !ok {
		return row, contract.ErrUnknownRow
	}
	return row, nil
}

// Save writes a row.
func (m *memory) Save(_ context.Context, row contract.VideoRow) (contract.VideoRow, error) {
	if m.rows[row.ID].Version != row.Version {
		return row, contract.ErrRowChanged
	}
	row = row.Saved(time.Now())
	m.rows[row.ID] = row
	return row, nil
}

// IDByKey is not asked for: the API's keys have the id in them.
func (m *memory) IDByKey(context.Context, string) (string, error) { return "", contract.ErrUnknownRow }

// IDByGUID is not asked for: every message of these has its key.
func (m *memory) IDByGUID(context.Context, string) (string, error) { return "", contract.ErrUnknownRow }

// Add keeps no history.
func (m *memory) Add(context.Context, contract.RowEvent) error { return nil }

// Keep counts what belongs to no row.
func (m *memory) Keep(context.Context, string, string) error { m.aside++; return nil }

// Send forgets.
func (m *memory) Send(context.Context, string) error { return nil }

// oneRecord is a tracking table in which all videos look alike.
type oneRecord struct{ record contract.Record }

// Summary is the record under the guid that was asked for.
func (o oneRecord) Summary(_ context.Context, guid string) (contract.Record, error) {
	o.record.GUID = guid
	return o.record, nil
}
