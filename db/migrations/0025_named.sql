CREATE TABLE "imports" (
	"id" text PRIMARY KEY NOT NULL,
	"layer_id" text NOT NULL,
	"person_id" text NOT NULL,
	"hash" text NOT NULL,
	"report" jsonb NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "waived_outlines" (
	"waiver_id" text NOT NULL,
	"place" integer NOT NULL,
	"layer_id" text NOT NULL,
	"annotation_id" text NOT NULL,
	CONSTRAINT "waived_outlines_waiver_id_place_pk" PRIMARY KEY("waiver_id","place")
);
--> statement-breakpoint
ALTER TABLE "imports" ADD CONSTRAINT "imports_layer_id_layers_id_fk" FOREIGN KEY ("layer_id") REFERENCES "public"."layers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "imports" ADD CONSTRAINT "imports_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waived_outlines" ADD CONSTRAINT "waived_outlines_waiver_id_waivers_id_fk" FOREIGN KEY ("waiver_id") REFERENCES "public"."waivers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waived_outlines" ADD CONSTRAINT "waived_outlines_layer_id_layers_id_fk" FOREIGN KEY ("layer_id") REFERENCES "public"."layers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "waived_outlines_outline" ON "waived_outlines" USING btree ("layer_id","annotation_id");--> statement-breakpoint
-- Waivers named outlines by ids, in whatever layer of their project.
INSERT INTO "waived_outlines" ("waiver_id", "place", "layer_id", "annotation_id")
	SELECT w."id", row_number() OVER (PARTITION BY w."id" ORDER BY named."place", a."layer_id"), a."layer_id", a."id"
	FROM "waivers" w
	CROSS JOIN LATERAL jsonb_array_elements_text(w."scope" -> 'ids') WITH ORDINALITY AS named ("id", "place")
	JOIN "annotations" a ON a."id" = named."id" AND a."project_id" = w."project_id";
