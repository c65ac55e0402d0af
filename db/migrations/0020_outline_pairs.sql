CREATE TABLE "outline_pairs" (
	"layer_id" text NOT NULL,
	"a_id" text NOT NULL,
	"b_id" text NOT NULL,
	"a_hash" text NOT NULL,
	"b_hash" text NOT NULL,
	"a_share" double precision NOT NULL,
	"b_share" double precision NOT NULL,
	CONSTRAINT "outline_pairs_layer_id_a_id_b_id_pk" PRIMARY KEY("layer_id","a_id","b_id")
);
--> statement-breakpoint
CREATE TABLE "pairs_measured" (
	"layer_id" text NOT NULL,
	"rules_key" text NOT NULL,
	"seq" bigint NOT NULL,
	CONSTRAINT "pairs_measured_layer_id_rules_key_pk" PRIMARY KEY("layer_id","rules_key")
);
--> statement-breakpoint
ALTER TABLE "outline_pairs" ADD CONSTRAINT "outline_pairs_layer_id_layers_id_fk" FOREIGN KEY ("layer_id") REFERENCES "public"."layers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pairs_measured" ADD CONSTRAINT "pairs_measured_layer_id_layers_id_fk" FOREIGN KEY ("layer_id") REFERENCES "public"."layers"("id") ON DELETE no action ON UPDATE no action;