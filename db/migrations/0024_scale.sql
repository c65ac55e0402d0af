ALTER TABLE "annotations" DROP CONSTRAINT "annotations_project_id_projects_id_fk";
--> statement-breakpoint
ALTER TABLE "annotations" DROP CONSTRAINT "annotations_slide_id_slides_id_fk";
--> statement-breakpoint
ALTER TABLE "annotations" DROP CONSTRAINT "annotations_created_by_people_id_fk";
--> statement-breakpoint
ALTER TABLE "annotations" DROP CONSTRAINT "annotations_updated_by_people_id_fk";
--> statement-breakpoint
DROP INDEX "annotations_slide";--> statement-breakpoint
CREATE INDEX "outline_pairs_b" ON "outline_pairs" USING btree ("layer_id","b_id");--> statement-breakpoint
CREATE INDEX "question_places_annotation" ON "question_places" USING btree ("layer_id","annotation_id");