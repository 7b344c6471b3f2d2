/** Import this in tests with real clocks, so that timers fire as they do in the programs. */

import { keepTimersFiring } from "../../../lib/system/process.ts";

keepTimersFiring();
