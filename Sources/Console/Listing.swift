/// The tables and detail views of what REST knows, for people. Each participant adds its own.
package enum Listing {}
