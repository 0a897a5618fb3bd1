package e2e

import (
	"testing"

	"github.com/vodstack/vodstack/internal/adapter/dynamodb"
	"github.com/vodstack/vodstack/internal/testkit"
)

// Go would run top-level tests one after the other in the order of their
// files; here the order is said, since the engine is restarted at the end.
func TestTheStack(t *testing.T) {
	t.Run("first what needs an idle encoder", func(t *testing.T) {
		t.Run("a plain video costs at most five states and six Lambda calls", plainVideo)
		t.Run("what is not a whole video ends in Error within a minute", badInputs)
		t.Run("what goes wrong on the way ends in Error within a minute", faults)
		t.Run("the same event twice is one video", sameEventTwice)
		t.Run("what is no video is ignored", ignored)
		t.Run("metadata files", metadata)
		t.Run("a video may come in other ways and under any name", waysIn)
		t.Run("the API and the video table", api)
	})
	var streams, groups []stream
	t.Run("then many videos at once", func(t *testing.T) {
		t.Run("a job that never reports ends at its deadline", silentJob)
		t.Run("what the API looks after by itself", slow)
		t.Run("every video ends Complete, and everything said of it is true", func(t *testing.T) { goodVideos(t, &streams) })
		t.Run("HLS and DASH groups of their own stand beside CMAF", func(t *testing.T) { ownGroups(t, &groups) })
		t.Run("the article's consumer works as it is", articleConsumer)
	})
	t.Run("the tables do what the functions count on", func(t *testing.T) {
		testkit.CheckRecords(t, &dynamodb.Table{Client: world.meta.DynamoDB, Name: world.meta.Outputs["DynamoDBTable"]})
		testkit.CheckVideos(t, &dynamodb.Videos{Client: world.meta.DynamoDB, Name: world.meta.Outputs["VideoTable"]})
		history, err := world.meta.Resource(t.Context(), "VideoHistoryTable")
		if err != nil {
			t.Fatal(err)
		}
		testkit.CheckHistory(t, &dynamodb.History{Client: world.meta.DynamoDB, Name: history})
	})
	t.Run("only this home's key is taken", oldKey)
	t.Run("AWS's own tools see stack, runs, jobs and parameters", awsTools)
	t.Run("every stream plays to its end in every player, from another origin", func(t *testing.T) { browsers(t, streams, groups) })
	t.Run("the page takes videos all the way, from another origin than API, storage and delivery", page)
	t.Run("after down and up again everything is still there", func(t *testing.T) { restart(t, streams) })
	t.Run("the API is closed to who does not sign, once it is not open", signedOnly)
}
