package library

import (
	"context"

	"github.com/vodstack/vodstack/internal/contract"
)

// Warm makes what Handle makes once, before the first event: the connections,
// and what JSON and the SDK remember of types. Under the context of
// awsbase.Warm no request is sent. Errors tell nothing here.
func (s *Events) Warm(ctx context.Context) {
	m, _ := Parse([]byte(`{"status":"Complete","guid":"00000000-0000-5000-8000-000000000000","srcVideo":"warm","thumbNailUrl":["warm"]}`))
	_, _ = s.Records.Summary(ctx, m.GUID)
	row, _ := Apply(contract.VideoRow{ID: m.GUID}, m, &contract.Record{Heavy: contract.Heavy{SrcMediainfo: "{}", EncodingOutput: []byte("{}")}})
	_ = s.History.Add(ctx, s.event(row, m, nil))
	_, _ = s.Rows.Get(ctx, row.ID)
	_, _ = s.Rows.Save(ctx, row)
}
