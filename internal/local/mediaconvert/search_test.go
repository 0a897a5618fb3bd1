package mediaconvert

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// search returns the ids of all jobs that a search finds, and how many pages
// they came on.
func (b *bench) search(input sdk.SearchJobsInput) (found []string, pages int) {
	b.Helper()
	for p := sdk.NewSearchJobsPaginator(b.client, &input); p.HasMorePages(); pages++ {
		page, err := p.NextPage(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		for _, job := range page.Jobs {
			found = append(found, *job.Id)
		}
	}
	return found, pages
}

// submitKey creates a job that reads the object of that key and waits.
func (b *bench) submitKey(key, queue string) string {
	b.Helper()
	request := b.job(b.put(key, []byte("a video")), "out")
	request.Queue = &queue
	out, err := b.client.CreateJob(b.Context(), request)
	if err != nil {
		b.Fatal(err)
	}
	return *out.Job.Id
}

// pausedQueues makes queues in which jobs wait, so that none changes its
// status by itself.
func (b *bench) pausedQueues(names ...string) {
	b.Helper()
	for _, name := range names {
		_, err := b.client.CreateQueue(b.Context(), &sdk.CreateQueueInput{Name: &name, Status: types.QueueStatusPaused})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func TestJobsAreFoundByTheirInputQueueAndStatus(t *testing.T) {
	b := newBench(t, nil)
	b.pausedQueues("one", "two")
	car := b.submitKey("videos/car.mp4", "one")
	boat := b.submitKey("videos/boat.mp4", "two")
	other := b.submitKey("else/car.mp4", "two")
	if _, err := b.client.CancelJob(t.Context(), &sdk.CancelJobInput{Id: &other}); err != nil {
		t.Fatal(err)
	}
	arn := "arn:aws:mediaconvert:" + region + ":" + account + ":queues/two"
	for name, c := range map[string]struct {
		input sdk.SearchJobsInput
		want  []string
	}{
		"everything, the newest first": {sdk.SearchJobsInput{}, []string{other, boat, car}},
		"the oldest first":             {sdk.SearchJobsInput{Order: types.OrderAscending}, []string{car, boat, other}},
		"a URL":                        {sdk.SearchJobsInput{InputFile: aws.String("s3://" + b.bucket + "/videos/car.mp4")}, []string{car}},
		"a part of a name":             {sdk.SearchJobsInput{InputFile: aws.String("car")}, []string{other, car}},
		"a folder":                     {sdk.SearchJobsInput{InputFile: aws.String("videos/")}, []string{boat, car}},
		"another name":                 {sdk.SearchJobsInput{InputFile: aws.String("train")}, nil},
		"a queue's name":               {sdk.SearchJobsInput{Queue: aws.String("two")}, []string{other, boat}},
		"a queue's ARN":                {sdk.SearchJobsInput{Queue: &arn}, []string{other, boat}},
		"a status":                     {sdk.SearchJobsInput{Status: types.JobStatusCanceled}, []string{other}},
		"all of them together": {sdk.SearchJobsInput{
			InputFile: aws.String("car"), Queue: aws.String("two"), Status: types.JobStatusSubmitted,
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if found, _ := b.search(c.input); !slices.Equal(found, c.want) {
				t.Errorf("found %v, want %v", found, c.want)
			}
		})
	}
	found, err := b.client.SearchJobs(t.Context(), &sdk.SearchJobsInput{InputFile: aws.String("boat")})
	if err != nil || found.Jobs[0].UserMetadata["guid"] != "g-1" {
		t.Errorf("a job that was found does not tell its metadata: %+v, %v", found, err)
	}
}

func TestASearchComesInPagesOfAtMostTwenty(t *testing.T) {
	b := newBench(t, nil)
	b.pausedQueues("one")
	var all []string
	for range 21 {
		all = append(all, b.submitKey("car.mp4", "one"), b.submitKey("boat.mp4", "one"))
	}
	want := slices.Clone(all)
	slices.Reverse(want)
	if found, pages := b.search(sdk.SearchJobsInput{}); !slices.Equal(found, want) || pages != 3 {
		t.Errorf("%d of %d jobs came on %d pages", len(found), len(want), pages)
	}
	if found, pages := b.search(sdk.SearchJobsInput{InputFile: aws.String("car"), MaxResults: aws.Int32(7)}); len(found) != 21 || pages != 3 {
		t.Errorf("%d of 21 jobs came on %d pages of 7", len(found), pages)
	}
}

// A reader that pages through the waiting jobs while they begin gets each that
// still waits.
func TestASearchGoesOnAfterAJobThatHasAnotherStatusByNow(t *testing.T) {
	b := newBench(t, nil)
	b.pausedQueues("one")
	first, second, third := b.submitKey("a.mp4", "one"), b.submitKey("b.mp4", "one"), b.submitKey("c.mp4", "one")
	input := &sdk.SearchJobsInput{Status: types.JobStatusSubmitted, Order: types.OrderAscending, MaxResults: aws.Int32(1)}
	page, err := b.client.SearchJobs(t.Context(), input)
	if err != nil || *page.Jobs[0].Id != first {
		t.Fatalf("first page is %+v, %v", page, err)
	}
	for _, id := range []string{first, second} {
		if _, err := b.client.CancelJob(t.Context(), &sdk.CancelJobInput{Id: &id}); err != nil {
			t.Fatal(err)
		}
	}
	input.NextToken = page.NextToken
	page, err = b.client.SearchJobs(t.Context(), input)
	if err != nil || len(page.Jobs) != 1 || *page.Jobs[0].Id != third || page.NextToken != nil {
		t.Errorf("second page is %+v, %v", page, err)
	}
}
