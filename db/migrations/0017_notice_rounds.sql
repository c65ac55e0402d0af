ALTER TABLE "annotation_tallies" DISABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP TABLE "annotation_tallies" CASCADE;--> statement-breakpoint
DROP INDEX "annotations_standing";--> statement-breakpoint
ALTER TABLE "notifications" ADD COLUMN "round_id" text;--> statement-breakpoint
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_round_id_rounds_id_fk" FOREIGN KEY ("round_id") REFERENCES "public"."rounds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "annotations_standing" ON "annotations" USING btree ("project_id","class_id","under","layer_id","shape","created_by","slide_id","area_px");