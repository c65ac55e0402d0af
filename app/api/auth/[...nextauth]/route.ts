import NextAuth from "next-auth";
import { authOptions } from "#app/api/auth/options.ts";

type Context = { params: Promise<{ nextauth: string[] }> };

/** Options are read per request: building must not need the secret. */
async function handler(request: Request, context: Context): Promise<Response> {
  return await NextAuth(authOptions(process.env))(request, context);
}

export { handler as GET, handler as POST };
