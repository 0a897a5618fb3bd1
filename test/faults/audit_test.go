package faults

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	mc "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/vodstack/vodstack/test/rig"
)

const (
	// settlePatience is how long after the harm every video must have ended.
	settlePatience = 2 * time.Minute
	// restPatience is how long after that something may still run, or lie
	// about.
	restPatience = time.Minute
)

// audit asks what has become of every video of the trial. What it finds wrong
// comes as sentences.
func (tr *trial) audit() []string {
	settled := map[string]bool{}
	if tr.patience == 0 {
		tr.patience = settlePatience
	}
	if found := tr.patiently(tr.patience, func() []string { return tr.unsettled(settled) }); len(found) > 0 {
		return found
	}
	if found := tr.patiently(restPatience, tr.restless); len(found) > 0 {
		return found
	}
	return tr.wrong()
}

// patiently asks until nothing is found, or returns what was found last.
func (tr *trial) patiently(patience time.Duration, look func() []string) (found []string) {
	for deadline := time.Now().Add(patience); ; tr.pause(300 * time.Millisecond) {
		now := look()
		if tr.ctx.Err() != nil && len(found) > 0 {
			return found // what was found before the time was over says more
		}
		if found = now; len(found) == 0 || time.Now().After(deadline) || tr.ctx.Err() != nil {
			return found
		}
	}
}

// unsettled are the videos whose record, row and message don't agree on an
// end.
func (tr *trial) unsettled(settled map[string]bool) (found []string) {
	t, err := tr.readTables()
	if err != nil {
		return []string{err.Error()}
	}
	for _, v := range tr.videos {
		why := tr.openPoint(v, t)
		if why != "" {
			found = append(found, v.id+": "+why)
		} else if !settled[v.id] {
			settled[v.id] = true
			tr.slowest = max(tr.slowest, time.Since(tr.since(v)))
		}
	}
	return found
}

// since is when the video could begin to recover.
func (tr *trial) since(v *video) time.Time {
	if v.arrived.After(tr.healed) {
		return v.arrived
	}
	if tr.healed.IsZero() {
		return time.Now()
	}
	return tr.healed
}

// openPoint says what a video still lacks, empty when nothing.
func (tr *trial) openPoint(v *video, t tables) string {
	row, there := t.rows[v.id]
	switch {
	case v.deleted:
		return tr.remains(v, row, t)
	case !there:
		return "the row is lost"
	case v.arrived.IsZero():
		return ""
	case len(t.records[v.key]) == 0:
		return "no record, the row is " + row.String()
	}
	for _, r := range t.records[v.key] {
		if !r.ended() {
			return fmt.Sprintf("the record %s is %s, the row %s", r.GUID, r, row)
		}
		if len(tr.finals(r.GUID)) == 0 {
			return fmt.Sprintf("the record %s is %s, and no message says so", r.GUID, r)
		}
		if r.GUID == row.VodGUID && (row.Status != r.Status || row.ErrorCode != r.ErrorCode) {
			return fmt.Sprintf("the record %s is %s, the row %s", r.GUID, r, row)
		}
	}
	if !slices.ContainsFunc(t.records[v.key], func(r record) bool { return r.GUID == row.VodGUID }) {
		return fmt.Sprintf("the row is %s of the record %q, which is not there", row, row.VodGUID)
	}
	return ""
}

// finals are the last messages about a guid.
func (tr *trial) finals(guid string) []rig.Message {
	return tr.house.topic.Find(func(m rig.Message) bool {
		return m.Text("guid") == guid && ended(m.Text("workflowStatus"))
	})
}

// remains says what is left of a deleted video.
func (tr *trial) remains(v *video, row videoRow, t tables) string {
	if row.DeletedAt == "" || row.PendingWork != "" {
		return fmt.Sprintf("deleted, and its row is %s with work %q left", row, row.PendingWork)
	}
	if len(t.records[v.key]) > 0 {
		return "deleted, and a record is left"
	}
	if n, err := tr.house.stack.Versions(tr.ctx, tr.house.stack.Outputs["Source"], v.prefix()); err != nil || n > 0 {
		return fmt.Sprintf("deleted, and %d versions of its source are left (%v)", n, err)
	}
	return ""
}

// restless is what still runs, and outputs of videos that have failed.
func (tr *trial) restless() (found []string) {
	running, err := tr.house.stack.RunningExecutions(tr.ctx)
	if err != nil {
		return []string{err.Error()}
	}
	for _, name := range running {
		found = append(found, "the execution "+name+" still runs")
	}
	jobs, err := tr.jobs()
	if err != nil {
		return append(found, err.Error())
	}
	for _, all := range jobs {
		for _, job := range all {
			if job.Status == mc.JobStatusSubmitted || job.Status == mc.JobStatusProgressing {
				found = append(found, fmt.Sprintf("the job %s of %s is still %s", aws.ToString(job.Id), job.UserMetadata["guid"], job.Status))
			}
		}
	}
	processes, err := tr.house.engine.Processes()
	if err != nil {
		return append(found, err.Error())
	}
	for _, p := range processes {
		if p.Is("ffmpeg") {
			found = append(found, "still there: "+p.String())
		}
	}
	return append(found, tr.lyingAbout()...)
}

// lyingAbout are outputs of videos that have failed or are deleted.
func (tr *trial) lyingAbout() (found []string) {
	t, err := tr.readTables()
	if err != nil {
		return []string{err.Error()}
	}
	folders, err := tr.outputFolders()
	if err != nil {
		return []string{err.Error()}
	}
	complete := map[string]bool{}
	for _, records := range t.records {
		for _, r := range records {
			complete[r.GUID] = r.Status == "Complete"
		}
	}
	for _, folder := range folders {
		if !complete[folder] {
			found = append(found, "there are outputs of "+folder+", which is not Complete")
		}
	}
	return found
}

// outputFolders are the guids that anything lies under in the destination.
func (tr *trial) outputFolders() (folders []string, err error) {
	pages := s3.NewListObjectsV2Paginator(tr.house.stack.S3, &s3.ListObjectsV2Input{
		Bucket: aws.String(tr.house.stack.Outputs["Destination"]), Delimiter: aws.String("/"),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(tr.ctx)
		if err != nil {
			return nil, fmt.Errorf("list the destination: %w", err)
		}
		for _, prefix := range page.CommonPrefixes {
			folders = append(folders, strings.TrimSuffix(aws.ToString(prefix.Prefix), "/"))
		}
	}
	return folders, nil
}

// jobs are all jobs of the engine by guid.
func (tr *trial) jobs() (map[string][]mc.Job, error) {
	jobs := map[string][]mc.Job{}
	pages := mediaconvert.NewListJobsPaginator(tr.house.stack.MediaConvert, &mediaconvert.ListJobsInput{MaxResults: aws.Int32(20)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(tr.ctx)
		if err != nil {
			return nil, fmt.Errorf("list the jobs: %w", err)
		}
		for _, job := range page.Jobs {
			guid := job.UserMetadata["guid"]
			jobs[guid] = append(jobs[guid], job)
		}
	}
	return jobs, nil
}

// wrong is what is wrong with the ends that all videos have come to.
func (tr *trial) wrong() (found []string) {
	t, err := tr.readTables()
	if err != nil {
		return []string{err.Error()}
	}
	jobs, err := tr.jobs()
	if err != nil {
		return []string{err.Error()}
	}
	looks := tr.toPlay()
	for _, v := range tr.videos {
		if v.deleted || v.arrived.IsZero() {
			continue
		}
		for _, fault := range tr.wrongWith(v, t, jobs, looks[v.id]) {
			found = append(found, v.id+": "+fault)
		}
	}
	return found
}

// playedAtMost bounds how many videos of a trial are read by ffprobe, which
// takes a second each.
const playedAtMost = 24

// toPlay chooses those.
func (tr *trial) toPlay() map[string]bool {
	chosen := map[string]bool{}
	for _, i := range tr.random.Perm(len(tr.videos))[:min(playedAtMost, len(tr.videos))] {
		chosen[tr.videos[i].id] = true
	}
	return chosen
}

func (tr *trial) wrongWith(v *video, t tables, jobs map[string][]mc.Job, play bool) (found []string) {
	versions, err := tr.versions(v)
	if err != nil {
		return []string{err.Error()}
	}
	row, records := t.rows[v.id], t.records[v.key]
	if len(versions) != 1+v.more || len(records) != len(versions) {
		found = append(found, fmt.Sprintf("%d versions of its source and %d records, %d uploads were acknowledged", len(versions), len(records), 1+v.more))
	}
	for _, version := range versions {
		if err := tr.sameBytes(v, version); err != nil {
			found = append(found, err.Error())
		}
	}
	for _, r := range records {
		if newest := r.SrcVersionID == newestOf(versions); newest != (r.GUID == row.VodGUID) {
			found = append(found, fmt.Sprintf("its row shows %s (%s), which is not of the newest version", row.VodGUID, row))
		} else if newest && !v.mayEnd(r.Status, r.ErrorCode) {
			found = append(found, fmt.Sprintf("it ended %s: %s", r, r.ErrorMessage))
		}
		found = append(found, tr.wrongJobs(r, jobs[r.GUID])...)
		found = append(found, tr.wrongMessages(r)...)
		if r.Status == "Complete" {
			found = append(found, tr.wrongOutputs(r, play)...)
			if r.GUID == row.VodGUID && row.HLSURL != r.HLSURL {
				found = append(found, fmt.Sprintf("its row has the URL %q, its record %q", row.HLSURL, r.HLSURL))
			}
		}
	}
	return found
}

// versions are those of a video's source.
func (tr *trial) versions(v *video) ([]s3types.ObjectVersion, error) {
	out, err := tr.house.stack.S3.ListObjectVersions(tr.ctx, &s3.ListObjectVersionsInput{
		Bucket: aws.String(tr.house.stack.Outputs["Source"]), Prefix: aws.String(v.key),
	})
	if err != nil {
		return nil, fmt.Errorf("list the versions of its source: %w", err)
	}
	return out.Versions, nil
}

// sameBytes holds what is stored against what was sent.
func (tr *trial) sameBytes(v *video, version s3types.ObjectVersion) error {
	object, err := tr.house.stack.S3.GetObject(tr.ctx, &s3.GetObjectInput{
		Bucket: aws.String(tr.house.stack.Outputs["Source"]), Key: version.Key, VersionId: version.VersionId,
	})
	if err != nil {
		return fmt.Errorf("read its source: %w", err)
	}
	defer object.Body.Close()
	stored, err := io.ReadAll(object.Body)
	if err != nil {
		return fmt.Errorf("read its source: %w", err)
	}
	if !bytes.Equal(stored, v.content) {
		return fmt.Errorf("a version of its source has %d bytes that are not the %d that were sent", len(stored), len(v.content))
	}
	return nil
}

func newestOf(versions []s3types.ObjectVersion) string {
	for _, v := range versions {
		if aws.ToBool(v.IsLatest) {
			return aws.ToString(v.VersionId)
		}
	}
	return ""
}

// wrongJobs asks for one job beside those that were cancelled, and for that
// one to have made the outputs of a Complete video.
func (tr *trial) wrongJobs(r record, jobs []mc.Job) []string {
	statuses := []string{}
	complete := false
	for _, job := range jobs {
		if job.Status != mc.JobStatusCanceled {
			statuses = append(statuses, string(job.Status))
		}
		complete = complete || job.Status == mc.JobStatusComplete && aws.ToString(job.Id) == r.EncodeJobID
	}
	if len(statuses) > 1 {
		return []string{fmt.Sprintf("%s has %d jobs: %s", r.GUID, len(statuses), strings.Join(statuses, ", "))}
	}
	if r.Status == "Complete" && !complete {
		return []string{fmt.Sprintf("%s is Complete, and its job %q is not (%v)", r.GUID, r.EncodeJobID, statuses)}
	}
	return nil
}

// wrongMessages asks that no second final says something else.
func (tr *trial) wrongMessages(r record) (found []string) {
	finals := tr.finals(r.GUID)
	for _, m := range finals {
		if m.Text("workflowStatus") != r.Status || m.Text("errorCode") != r.ErrorCode {
			found = append(found, fmt.Sprintf("%s is %s, a message says %s", r.GUID, r, state(m.Text("workflowStatus"), m.Text("errorCode"))))
		}
		if m.Raw != finals[0].Raw {
			found = append(found, r.GUID+": two final messages differ")
		}
	}
	return found
}
