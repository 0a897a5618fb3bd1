package faults

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/vodstack/vodstack/test/clips"
)

// byHand is how many executions are stopped, and how many jobs cancelled.
const byHand = 3

// stoppedByHand does what an operator may do in the console. A video that had
// been through by then is Complete; the others end in the error of that.
func stoppedByHand(tr *trial) error {
	for i := range 2 * byHand {
		v, err := tr.send(clips.Car)
		if err != nil {
			return err
		}
		r, err := tr.encoding(v)
		if err != nil {
			return err
		}
		tr.pause(tr.moment(time.Second))
		if i%2 == 0 {
			v.ends = []string{"ExecutionStopped", ""}
			err = tr.stopExecution(r.GUID)
		} else {
			v.ends = []string{"JobCanceled", ""}
			_, err = tr.house.stack.MediaConvert.CancelJob(tr.ctx, &mediaconvert.CancelJobInput{Id: &r.EncodeJobID})
		}
		if err != nil {
			return err
		}
	}
	tr.healed = time.Now()
	tr.note("%d executions stopped", byHand)
	tr.note("%d jobs cancelled", byHand)
	return nil
}

// encoding waits for the record of a video that has a job.
func (tr *trial) encoding(v *video) (found record, err error) {
	err = tr.until("a job of "+v.id, time.Minute, func() (bool, error) {
		t, err := tr.readTables()
		for _, r := range t.records[v.key] {
			if r.ended() {
				return false, fmt.Errorf("it ended before: %s", r)
			}
			if r.EncodeJobID != "" {
				found = r
			}
		}
		return found.GUID != "", err
	})
	return found, err
}

func (tr *trial) stopExecution(guid string) error {
	executions, err := tr.house.stack.Executions(tr.ctx, guid)
	if err != nil || len(executions) == 0 {
		return fmt.Errorf("no execution of %s (%w)", guid, err)
	}
	_, err = tr.house.stack.SFN.StopExecution(tr.ctx, &sfn.StopExecutionInput{ExecutionArn: executions[0].ExecutionArn, Cause: aws.String("stopped by hand")})
	return err
}
