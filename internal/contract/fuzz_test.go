package contract_test

import (
	"encoding/json"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
)

func FuzzARecordThatCanBeReadCanBeWrittenAndRead(f *testing.F) {
	f.Add([]byte(`{"guid":"g","progress":3,"x":[1,{"y":null}],"Guid":"h"}`))
	f.Add([]byte(`{"warnings":null,"encodingJob":null,"":1,"ß":"ä"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var rec contract.Record
		if json.Unmarshal(text, &rec) != nil {
			return
		}
		out, err := json.Marshal(rec)
		if err != nil {
			t.Fatal(err)
		}
		var back contract.Record
		if err := json.Unmarshal(out, &back); err != nil {
			t.Fatalf("wrote %s: %v", out, err)
		}
	})
}
