package faults

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// A row of the table tells of one scenario.
type row struct {
	name    string
	did     string        // what was done, with counts
	audit   string        // what came of it
	slowest time.Duration // the slowest video, from the fault or its upload to its end
	took    time.Duration
}

type table struct{ rows []row }

// print writes the table, and how to get the same moments again.
func (t *table) print(out io.Writer, seed uint64) {
	if len(t.rows) == 0 {
		return
	}
	fmt.Fprintln(out)
	columns := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(columns, "SCENARIO\tDONE\tAUDIT\tSLOWEST\tTOOK")
	for _, r := range t.rows {
		slowest := "–"
		if r.slowest > 0 {
			slowest = fmt.Sprintf("%.1f s", r.slowest.Seconds())
		}
		fmt.Fprintf(columns, "%s\t%s\t%s\t%s\t%.0f s\n", r.name, r.did, r.audit, slowest, r.took.Seconds())
	}
	_ = columns.Flush()
	fmt.Fprintf(out, "\nthe same moments again: %s=%d\n", seedVariable, seed)
}

func TestTheTableHasARowForEachScenarioAndTheSeed(t *testing.T) {
	var out bytes.Buffer
	tab := table{rows: []row{
		{"a cut line", "9 cut", "passed", 1500 * time.Millisecond, 3 * time.Second},
		{"a full disk", "", "not run: it takes root", 0, 0},
	}}
	tab.print(&out, 42)
	for _, want := range []string{"a cut line", "9 cut", "passed", "1.5 s", "not run: it takes root", "VOD_FAULTS_SEED=42"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
}

func TestTheSeedIsTheGivenOne(t *testing.T) {
	if seed, err := chooseSeed("7"); err != nil || seed != 7 {
		t.Errorf("got %d %v", seed, err)
	}
	if _, err := chooseSeed("seven"); err == nil {
		t.Error("a word is taken for a seed")
	}
}
