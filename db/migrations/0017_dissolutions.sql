CREATE TABLE "dissolutions" (
	"id" text PRIMARY KEY NOT NULL,
	"layer_id" text NOT NULL,
	"person_id" text NOT NULL,
	"decision" text NOT NULL,
	"group_key" text NOT NULL,
	"version" integer NOT NULL,
	"result_id" text,
	"after_hash" text,
	"formers" jsonb NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"undone_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "dissolutions" ADD CONSTRAINT "dissolutions_layer_id_layers_id_fk" FOREIGN KEY ("layer_id") REFERENCES "public"."layers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dissolutions" ADD CONSTRAINT "dissolutions_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "dissolutions_layer" ON "dissolutions" USING btree ("layer_id");