package mediaconvert

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

func (s *Server) getJob(r *http.Request) (int, any, error) {
	job, known := s.state.job(r.PathValue("id"))
	if !known {
		return 0, nil, errUnknownJob(r)
	}
	return http.StatusOK, jobAnswer{s.live(job)}, nil
}

func errUnknownJob(r *http.Request) error {
	return notFound("The job %s does not exist.", r.PathValue("id"))
}

func (s *Server) listJobs(r *http.Request) (int, any, error) {
	return s.answerJobs(r, func(*record) bool { return true })
}

// maxInputFile is the longest inputFile of a search that the service takes,
// in characters.
const maxInputFile = 300

// searchJobs is ListJobs with a filter on the input file: its URL, or a part
// of it.
func (s *Server) searchJobs(r *http.Request) (int, any, error) {
	wanted := r.URL.Query().Get("inputFile")
	if utf8.RuneCountInString(wanted) > maxInputFile {
		return 0, nil, badRequest("/inputFile: must not be longer than %d characters", maxInputFile)
	}
	return s.answerJobs(r, func(job *record) bool {
		uris, err := inputURIs(job.Settings)
		return wanted == "" || (err == nil && slices.ContainsFunc(uris, func(uri string) bool {
			return strings.Contains(uri, wanted)
		}))
	})
}

// answerJobs lists the newest jobs first, unless told otherwise.
func (s *Server) answerJobs(r *http.Request, keep func(*record) bool) (int, any, error) {
	page, err := pagingOf(r, true)
	if err != nil {
		return 0, nil, err
	}
	status, err := oneOf(r, "status", submitted, progressing, complete, canceled, failed)
	if err != nil {
		return 0, nil, err
	}
	queue := r.URL.Query().Get("queue")
	id := func(job *record) string { return job.ID }
	// The earlier pages are dropped before the filter: the job that ended the
	// last one may have another status by now.
	all, err := rest(s.state.all(), page, id)
	if err != nil {
		return 0, nil, err
	}
	all = slices.DeleteFunc(all, func(job *record) bool {
		return (status != "" && job.Status != status) || !keep(job) ||
			(queue != "" && queue != job.Queue && queue != nameOf(job.Queue))
	})
	all, next := first(all, page, id)
	answer := struct {
		Jobs      []Job  `json:"jobs"`
		NextToken string `json:"nextToken,omitempty"`
	}{make([]Job, len(all)), next}
	for i, job := range all {
		answer.Jobs[i] = s.live(job)
	}
	return http.StatusOK, answer, nil
}

// live is a job with the progress of this moment.
func (s *Server) live(r *record) Job {
	job := r.Job
	if run := s.slots.of(job.ID); run != nil && job.Status == progressing {
		now := run.progress.now()
		job.CurrentPhase, job.JobPercentComplete = now.phase, now.total()
	}
	return job
}

// cancelJob ends a job that waits or runs.
func (s *Server) cancelJob(r *http.Request) (int, any, error) {
	id := r.PathValue("id")
	err := s.state.update(id, func(job *record) error {
		if job.over() {
			return conflict("The job %s cannot be canceled: its status is %s.", id, job.Status)
		}
		now := time.Now()
		job.Status, job.CurrentPhase = canceled, ""
		job.Timing.FinishTime = now.Unix()
		return job.post(now, job.basics(canceled, now))
	})
	if errors.Is(err, errNoJob) {
		return 0, nil, errUnknownJob(r)
	}
	if err != nil {
		return 0, nil, err
	}
	s.slots.stop(id, errCanceled)
	s.nudge()
	return http.StatusAccepted, struct{}{}, nil
}
