#pragma once
// glibc's malloc beyond the C standard, which Swift's Glibc module leaves out.
#include <malloc.h>
