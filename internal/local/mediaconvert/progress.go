package mediaconvert

import (
	"sync"

	"github.com/vodstack/vodstack/internal/local/transcode"
)

// phases are a job's, in order, each with its share of the whole.
var phases = []struct {
	name  string
	share int // of 100
}{
	{transcode.PhaseProbing, 5},
	{transcode.PhaseTranscoding, 85},
	{transcode.PhaseUploading, 9}, // 100 is for a job that is complete
}

// moment is how far a job is.
type moment struct {
	phase   string
	percent int // of the phase
	frames  int64
}

func rank(phase string) int {
	for i, p := range phases {
		if p.name == phase {
			return i
		}
	}
	return 0
}

// total is the percentage of the whole job.
func (m moment) total() int {
	sum := 0
	for _, p := range phases[:rank(m.phase)] {
		sum += p.share
	}
	return sum + phases[rank(m.phase)].share*m.percent/100
}

// byPhase is the service's table of phases.
func (m moment) byPhase() map[string]phaseProgress {
	table := map[string]phaseProgress{}
	for i, p := range phases {
		switch now := rank(m.phase); {
		case i < now:
			table[p.name] = phaseProgress{"COMPLETE", 100}
		case i == now:
			table[p.name] = phaseProgress{progressing, m.percent}
		default:
			table[p.name] = phaseProgress{"PENDING", 0}
		}
	}
	return table
}

// progress is a running job's, never going back.
type progress struct {
	mu     sync.Mutex
	latest moment
}

func (p *progress) now() moment {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.latest.phase == "" {
		return moment{phase: transcode.PhaseProbing}
	}
	return p.latest
}

// advance takes a report, unless it is older than what is known.
func (p *progress) advance(report transcode.Progress) {
	next := moment{report.Phase, min(max(report.Percent, 0), 100), report.FramesDecoded}
	p.mu.Lock()
	defer p.mu.Unlock()
	next.frames = max(next.frames, p.latest.frames)
	if next.total() >= p.latest.total() && rank(next.phase) >= rank(p.latest.phase) {
		p.latest = next
	}
}
