import Glibc
import SagaCLI

exit(await CommandLineTool.run())
