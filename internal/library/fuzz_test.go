package library_test

import (
	"reflect"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/library"
)

// Whatever is sent to the topic: it is refused, or it changes the row once.
func FuzzAMessageChangesARowOnceOrNotAtAll(f *testing.F) {
	for _, n := range []news{{guidA, contract.StatusIngest}, {guidA, contract.StatusError}, {guidB, contract.StatusComplete}} {
		f.Add(body(n.guid, n.status), encodingOutput, `{"container":{"duration":5}}`)
	}
	f.Add(`{"status":"Complete","guid":"`+guidA+`","startTime":"9999-12-31T23:59:59.999Z","thumbNailUrl":[""],"mp4Urls":null}`, `{"detail":{"outputGroupDetails":[null]}}`, `{"container":null}`)
	f.Fuzz(func(t *testing.T, text, output, mediainfo string) {
		m, err := library.Parse([]byte(text))
		if err != nil {
			return
		}
		rec := &contract.Record{Heavy: contract.Heavy{EncodingOutput: []byte(output), SrcMediainfo: mediainfo}}
		row, changed := library.Apply(newRow(), m, rec)
		if !changed || row.VodGUID != m.GUID || row.EncodingStatus != m.Status || row.OwnerID != "owner" {
			t.Errorf("row is %+v", row)
		}
		if again, changed := library.Apply(row, m, rec); changed || !reflect.DeepEqual(again, row) {
			t.Errorf("applied twice:\n%+v\n%+v", row, again)
		}
	})
}
