-- What a flow was is told whole, not its state alone: snapshots keep the rest of the stream document, too. Those from before
-- have none; the document of their time is folded from an earlier one or from the first event, as long as that is kept.
ALTER TABLE signalbox.flow_snapshots ADD COLUMN outside json;
