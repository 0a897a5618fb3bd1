package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// A figure is one line of the report.
type figure struct {
	name, measured, target string
	verdict                string // ok, missed, or empty where nothing is promised
}

type report struct{ figures []figure }

// add notes a figure that is only printed.
func (r *report) add(name, measured string) {
	r.figures = append(r.figures, figure{name: name, measured: measured, target: "–"})
}

// promise notes a figure that has a target.
func (r *report) promise(name, measured, target string, met bool) {
	verdict := "missed"
	if met {
		verdict = "ok"
	}
	r.figures = append(r.figures, figure{name, measured, target, verdict})
}

// print writes the table; a target that was missed is an error.
func (r *report) print(out io.Writer) error {
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Fprintf(out, "\nload average at the end: %s\n\n", strings.TrimSpace(string(load)))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "FIGURE\tMEASURED\tTARGET\t")
	var missed []string
	for _, f := range r.figures {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", f.name, f.measured, f.target, f.verdict)
		if f.verdict == "missed" {
			missed = append(missed, f.name)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(missed) > 0 {
		return fmt.Errorf("%d targets missed: %s", len(missed), strings.Join(missed, "; "))
	}
	return nil
}

// quantile is the value that a share q of the sample does not exceed.
func quantile(sample []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(sample))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// spread is the median and the 99th percentile, for people.
func spread(sample []time.Duration) string {
	return fmt.Sprintf("p50 %d ms, p99 %d ms", quantile(sample, 0.5).Milliseconds(), quantile(sample, 0.99).Milliseconds())
}
