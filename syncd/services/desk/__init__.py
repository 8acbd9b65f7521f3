"""Everything that operators ask and want, answered from the state alone."""

from syncd.services.desk.asked import Asked
from syncd.services.desk.desk import Desk
from syncd.services.desk.ground import Ground
from syncd.services.desk.locking import LockWanted

__all__ = ["Asked", "Desk", "Ground", "LockWanted"]
