/** For tests with real clocks: they run what the programs run, so their timers need the same care. */

import { keepTimersFiring } from "../../../lib/system/process.ts";

keepTimersFiring();
